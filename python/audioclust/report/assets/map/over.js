// What lies over the marks: rings around single items, the lasso and the lens.

/** Dots of the basket that are drawn, at most: more would hide the map, and take long. */
const MOST_DOTS = 2000;

/** Make a canvas as large as the panel, and draw in CSS pixels. */
function fitCanvas(canvas, context, view) {
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.max(1, Math.round(view.width * ratio));
  canvas.height = Math.max(1, Math.round(view.height * ratio));
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
}

/**
 * Draw a dot beside each item of the basket, into a canvas of its own: pointing at things must
 * not draw a long basket again. None is drawn where too many would be in sight.
 */
function createDots(data, view, canvas) {
  const context = canvas.getContext("2d");

  function placesOf(basket) {
    const shift = 0.8 * Math.max(3.5, radiusOf(view, data.n)) + 1;
    return basket
      .map((item) => [view.toX(view.u[item]) + shift, view.toY(view.v[item]) - shift])
      .filter(([x, y]) => x > -5 && y > -5 && x < view.width + 5 && y < view.height + 5);
  }

  function draw(basket, theme) {
    context.clearRect(0, 0, view.width, view.height);
    const places = placesOf(basket);
    if (places.length > MOST_DOTS) return;
    for (const [radius, color] of [[4.25, theme.surface], [2.75, theme.text]]) {
      context.beginPath();
      for (const [x, y] of places) {
        context.moveTo(x + radius, y);
        context.arc(x, y, radius, 0, 2 * Math.PI);
      }
      context.fillStyle = color;
      context.fill();
    }
  }

  return {size: () => fitCanvas(canvas, context, view), draw};
}

/** Draw rings, lasso and lens into a canvas of its own, which is cheap to draw again. */
function createRings(data, view, canvas) {
  const context = canvas.getContext("2d");
  const size = () => fitCanvas(canvas, context, view);

  function circle(item, radius, color, width) {
    context.beginPath();
    context.arc(view.toX(view.u[item]), view.toY(view.v[item]), radius, 0, 2 * Math.PI);
    context.strokeStyle = color;
    context.lineWidth = width;
    context.stroke();
  }

  /** The item's mark once more, above all others, and at least as large as can be seen. */
  function mark(item, colors, radius) {
    const {rgb, shape} = colors.marks[colors.codes[item]];
    const [x, y] = [view.toX(view.u[item]), view.toY(view.v[item])];
    context.beginPath();
    if (shape === "disc") context.arc(x, y, radius, 0, 2 * Math.PI);
    else OUTLINES[shape].forEach(([dx, dy]) => context.lineTo(x + radius * dx, y + radius * dy));
    context.closePath();
    context.fillStyle = cssOf(rgb);
    context.fill();
  }

  /** A ring with a gap around the mark; two rings for what sounds. */
  function ringed(item, colors, radius, color, theme, rings) {
    const gap = 1.5 * radius + 2;
    context.beginPath();
    context.arc(view.toX(view.u[item]), view.toY(view.v[item]), gap + 4 * rings, 0, 2 * Math.PI);
    context.fillStyle = theme.surface;
    context.fill();
    mark(item, colors, radius);
    for (let ring = 0; ring < rings; ring++) circle(item, gap + 1 + 4 * ring, color, 2);
  }

  function outline(path, theme) {
    context.fillStyle = theme.wash;
    context.strokeStyle = theme.accent;
    context.lineWidth = 2;
    context.fill(path);
    context.stroke(path);
  }

  /** Draw anew: what the state names, and the lasso's corners or the lens, if there are any. */
  function draw(state, colors, theme, {corners, lens}) {
    context.clearRect(0, 0, view.width, view.height);
    const radius = Math.max(3.5, radiusOf(view, data.n));
    if (corners.length > 1) {
      const path = new Path2D();
      for (const [u, v] of corners) path.lineTo(view.toX(u), view.toY(v));
      path.closePath();
      outline(path, theme);
    }
    if (lens) {
      const path = new Path2D();
      path.arc(view.toX(lens.u), view.toY(lens.v), lens.radius, 0, 2 * Math.PI);
      outline(path, theme);
    }
    const {playing, selected, hovered} = state;
    if (playing >= 0) ringed(playing, colors, radius, theme.accent, theme, 2);
    if (selected >= 0 && selected !== playing) ringed(selected, colors, radius, theme.accent, theme, 1);
    if (hovered >= 0) {
      mark(hovered, colors, radius);
      circle(hovered, 1.5 * radius + 3, theme.text, 1.5);
    }
  }

  return {size, draw};
}
