// All items as marks, drawn by hand into the pixels of a canvas.

/** The share of the surface's colour in marks that are not looked for. */
const DIMMED = 0.8;

const MOST_RADIUS = 8;

/** The radius of marks in CSS pixels: smaller for more items, and larger where one zooms in. */
function radiusOf(view, n) {
  const room = Math.sqrt((view.width * view.height) / (Math.PI * Math.max(1, n)));
  return Math.min(MOST_RADIUS, Math.min(6, Math.max(1.1, 0.9 * room ** 0.6)) * view.zoom ** 0.35);
}

/** Draw the items into a canvas. It returns {size(), draw(), radius()}. */
function createMarksPainter(data, view, canvas) {
  const context = canvas.getContext("2d", {alpha: false});
  const order = mixedOrder(data.n);
  let buffer = null;
  let ratio = 1;
  let stamps = null;
  let stampsKey = "";

  /** Twice as far as the largest stamp goes, in pixels of the screen. */
  const pad = () => 2 * Math.ceil((1.5 * MOST_RADIUS + 1) * ratio + 1);

  /** Fit the canvas to its panel. The buffer is larger, so that no mark needs to be cut. */
  function size() {
    ratio = window.devicePixelRatio || 1;
    canvas.width = Math.max(1, Math.round(view.width * ratio));
    canvas.height = Math.max(1, Math.round(view.height * ratio));
    buffer = new ImageData(canvas.width + 2 * pad(), canvas.height + 2 * pad());
    stampsKey = "";
  }

  const radius = () => radiusOf(view, data.n);

  /** The stamps of the radius in quarters of a pixel; the dimmed ones come after the others. */
  function stampsNow(colors, surface) {
    const quarters = Math.max(4, Math.round(4 * radius() * ratio));
    const key = `${quarters} ${colors.id}`;
    if (key === stampsKey) return stamps;
    const small = quarters / 4 < LEAST_SHAPE;
    const rim = quarters / 4 < LEAST_RIM * ratio ? 0 : ratio;
    const marks = colors.marks.map(({rgb, shape}) => ({rgb, shape: small ? "disc" : shape}));
    const dimmed = marks.map(({rgb, shape}) => ({rgb: mixed(rgb, surface, DIMMED), shape}));
    stamps = stampsOf([...marks, ...dimmed], quarters / 4, rim, surface, buffer.width);
    stampsKey = key;
    return stamps;
  }

  /** Draw all items; of those with 0 in `bright`, if it is there, only traces, and first. */
  function draw(colors, bright, surface) {
    const pixels = new Uint32Array(buffer.data.buffer);
    pixels.fill(opaque(...surface));
    const scale = view.scale() * ratio;
    const place = {
      scale,
      x: (view.width / 2) * ratio - view.x * scale + pad(),
      y: (view.height / 2) * ratio - view.y * scale + pad(),
    };
    const now = stampsNow(colors, surface);
    const target = {pixels, width: buffer.width, height: buffer.height, place};
    if (bright) stampAll(target, now, view, colors.codes, order, bright, 0, colors.marks.length);
    stampAll(target, now, view, colors.codes, order, bright, 1, 0);
    context.putImageData(buffer, -pad(), -pad(), pad(), pad(), canvas.width, canvas.height);
  }

  return {size, draw, radius, hasSize: () => buffer !== null};
}

/** Stamp the items that have a value in `bright`, or all without it; `more` is added to codes. */
function stampAll({pixels, width, height, place}, stamps, {u, v}, codes, order, bright, value, more) {
  const {starts, edges, offset, color, rest, reach} = stamps;
  const {scale, x: left, y: top} = place;
  const right = width - reach - 1;
  const bottom = height - reach - 1;
  for (let i = 0; i < order.length; i++) {
    const item = order[i];
    if (bright !== null && bright[item] !== value) continue;
    const x = u[item] * scale + left;
    const y = v[item] * scale + top;
    if (!(x >= reach && x <= right && y >= reach && y <= bottom)) continue;
    const middle = (y | 0) * width + (x | 0);
    const stamp = codes[item] + more;
    const edge = edges[stamp];
    const end = starts[stamp + 1];
    let pixel = starts[stamp];
    for (; pixel < edge; pixel++) pixels[middle + offset[pixel]] = color[pixel];
    for (; pixel < end; pixel++) {
      const at = middle + offset[pixel];
      const below = pixels[at];
      const part = rest[pixel];
      // Red and blue at once, then green: none of them can run over into the next.
      const redBlue = (Math.imul(below & 0xff00ff, part) >>> 8) & 0xff00ff;
      const green = (Math.imul((below >>> 8) & 0xff, part) >>> 8) << 8;
      pixels[at] = color[pixel] + redBlue + green;
    }
  }
}

/**
 * Items in an order in which those of one folder do not follow each other, so that none of
 * them lies on top everywhere: steps of about n times the golden ratio.
 */
function mixedOrder(n) {
  const divisor = (a, b) => (b === 0 ? a : divisor(b, a % b));
  let step = Math.max(1, Math.round(0.618 * n));
  while (divisor(step, n) > 1) step += 1;
  return Uint32Array.from({length: n}, (_, i) => (i * step) % n);
}
