// The map: all items as marks, drawn into the pixels of a canvas, to look at and to walk through.

/** Milliseconds in which the map glides to another view. */
const GLIDE = 200;

/** Draw the map into an element. */
function createMap(data, store, player, root) {
  setMarkColors(data);
  if (data.x === null) {
    root.hidden = true;
    onTheme(() => setMarkColors(data));
    return;
  }
  const view = createMapView(data);
  const map = {data, store, player, view, accepts: (item) => store.state.matches === null || store.state.matches[item] === 1};
  const shown = mapElements(map);
  root.append(shown.frame);
  Object.assign(map, createMover(map));
  map.collector = createCollector(map);
  map.focus = () => shown.points.focus({preventScroll: true});
  map.announce = (words) => { shown.live.textContent = words; };
  map.nearest = (x, y, reach) => {
    const item = nearestItem(view, x, y, reach, map.accepts);
    return item >= 0 ? item : nearestItem(view, x, y, reach, () => true);
  };
  const tools = createMapTools(map);
  shown.ground.after(tools, createMapBar(map));
  createDrawing(map, shown, tools);
  createGestures(map, shown.ground);
  createKeys(map, shown.points);
  followState(map, shown);
  createPrint(map, root);
}

/** The elements of the map, without its tools. */
function mapElements({data}) {
  const keys = element("p", {id: "map-keys", class: "unseen"}, MAP_KEYS);
  const points = element("canvas", {
    class: "map-points", tabindex: "0", role: "application",
    "aria-label": `Map of ${itemsWords(data, data.n)}: arrow keys walk, space plays`, "aria-describedby": "map-keys",
  });
  const over = element("canvas", {class: "map-over", "aria-hidden": "true"});
  const dots = element("canvas", {class: "map-over map-dots", "aria-hidden": "true"});
  const names = element("div", {class: "map-names"});
  const nothing = element("p", {class: "map-nothing", hidden: true});
  const ground = element("div", {class: "map-ground"}, points, over, dots, names, nothing);
  const legend = element("div", {class: "map-legend", role: "group", "aria-label": "Legend"});
  const live = element("p", {class: "unseen", role: "status", "aria-live": "polite"});
  const frame = element("div", {class: "map-frame"}, element("div", {class: "map-stage"}, ground), legend, live, keys);
  return {frame, ground, points, over, dots, names, nothing, legend, live};
}

/** What moves the view: {zoomBy(), glide(), stop(), keep()}. */
function createMover(map) {
  const {view, store} = map;
  let running = 0;

  const stop = () => {
    cancelAnimationFrame(running);
    running = 0;
  };
  /** Keep the view in the state. */
  const keep = () => {
    const state = viewState(view);
    if (JSON.stringify(state) === JSON.stringify(store.state.view)) return;
    map.isKeeping = true;
    store.set({view: state});
    map.isKeeping = false;
  };
  /** Go to another view: at once where less motion is asked for. */
  const glide = (to) => {
    stop();
    const {x, y, zoom} = view;
    view.show(to);
    const end = {x: view.x, y: view.y, zoom: view.zoom};
    keep();
    map.redraw({points: true});
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const start = performance.now();
    const step = (now) => {
      const part = Math.min(1, Math.max(0, (now - start) / GLIDE));
      const share = 1 - (1 - part) ** 3;
      view.show({
        x: x + share * (end.x - x), y: y + share * (end.y - y), zoom: zoom * (end.zoom / zoom) ** share,
      });
      if (part === 1) view.show(end);
      map.redraw({points: true});
      running = part < 1 ? requestAnimationFrame(step) : 0;
    };
    step(start);
  };
  const zoomBy = (factor, x = view.width / 2, y = view.height / 2) => {
    stop();
    const now = {x: view.x, y: view.y, zoom: view.zoom};
    view.zoomAt(x, y, factor);
    const to = {x: view.x, y: view.y, zoom: view.zoom};
    view.show(now);
    glide(to);
  };
  return {stop, keep, glide, zoomBy};
}

/** Draw when something changed, at the screen's next frame: map.redraw(), and map.restyle(). */
function createDrawing(map, shown, tools) {
  const {data, store, view, collector} = map;
  const marks = createMarksPainter(data, view, shown.points);
  const rings = createRings(data, view, shown.over);
  const dots = createDots(data, view, shown.dots);
  const names = createNames(data, view, shown.names, (number) => {
    store.set({group: store.state.group === number ? null : number});
    map.focus();
  });
  const legend = createLegend(shown.legend, store);
  const tip = createTip(map);
  shown.ground.after(tip.box);
  let [colors, theme, bright, wanted, frames, styles] = [null, null, null, null, 0, 0];
  let dotted = null; // The basket whose dots are drawn.

  function frame() {
    if (wanted === null) return; // It was drawn at once.
    // The lens keeps its size when the map is zoomed. This may want more of this frame.
    if (wanted.collect || (wanted.points && collector.lens)) collector.again();
    const {points} = wanted;
    wanted = null;
    if (!marks.hasSize()) return; // A frame in a notebook may have none at first.
    if (points) {
      const start = performance.now();
      marks.draw(colors, bright, theme.surfaceRgb);
      shown.points.dataset.took = (performance.now() - start).toFixed(2);
      names.place([boxIn(shown.ground, tools)]);
    }
    rings.draw(store.state, colors, theme, collector);
    if (points || dotted !== store.state.basket) dots.draw(dotted = store.state.basket, theme);
    tip.show();
    shown.points.dataset.frame = String(++frames);
  }
  map.redraw = (what) => {
    if (wanted === null) requestAnimationFrame(frame);
    wanted = {points: wanted?.points || what.points, collect: wanted?.collect || what.collect};
  };
  /** Draw before the screen's next frame: paper does not wait for it. */
  map.drawNow = () => {
    map.redraw({points: true});
    frame();
  };
  map.restyle = () => {
    setMarkColors(data);
    theme = mapTheme();
    colors = {...colorsOf(data, store.state, theme.surfaceRgb), id: ++styles};
    legend.show(colors);
    shown.ground.dataset.color = store.state.color;
    map.redraw({points: true});
  };
  map.dim = () => {
    bright = brightOf(data.n, store.state);
    names.dim(store.state.matches);
    showNothing(map, shown.nothing);
    map.redraw({points: true});
  };
  map.resize = () => {
    const {width, height} = shown.ground.getBoundingClientRect(); // Not rounded, unlike clientWidth.
    if (width === 0 || height === 0) return;
    Object.assign(view, {width, height});
    view.show(view);
    marks.size();
    rings.size();
    dots.size();
    names.forget();
    map.redraw({points: true});
  };
  map.nameGroup = () => names.mark(store.state.group);
  map.restyle();
  map.resize();
  map.dim();
}

/** Say on the map that a search found nothing, where that is so: else all would just be faint. */
function showNothing({data, store}, root) {
  const {matches, query} = store.state;
  root.hidden = matches === null || matches.includes(1);
  root.textContent = `No ${wordsOf(data).item} matches “${query.trim()}”.`;
}

/** Where an element is in another one: left, top, right, bottom. */
function boxIn(outer, inner) {
  const [from, box] = [outer.getBoundingClientRect(), inner.getBoundingClientRect()];
  return [box.left - from.left, box.top - from.top, box.right - from.left, box.bottom - from.top];
}

/** The theme's colours that are drawn with. */
function mapTheme() {
  const surfaceRgb = surfaceColor();
  const accent = themeColor("--accent", "#1a5bb8", "#8db8f5");
  return {
    surfaceRgb, surface: cssOf(surfaceRgb), text: cssOf(themeColor("--text", "#1b1c1e", "#e8e9ea")),
    accent: cssOf(accent), wash: `rgb(${accent.join(" ")} / 10%)`,
  };
}

/** 1 for each item that is looked for and, if any are, collected; null for all. */
function brightOf(n, {matches, collected}) {
  if (collected.length === 0) return matches;
  const bright = new Uint8Array(n);
  for (const item of collected) bright[item] = matches === null || matches[item] === 1 ? 1 : 0;
  return bright;
}

/** Draw again when the state, the theme or the size of the panel changes. */
function followState(map, shown) {
  const {data, store, view, collector} = map;
  store.on(["color"], map.restyle);
  onTheme(map.restyle);
  store.on(["matches"], () => collector.again());
  store.on(["matches", "collected"], map.dim);
  store.on(["collected"], ({collected}) => {
    if (collected.length === 0 && collector.corners.length) collector.clear();
  });
  store.on(["group"], map.nameGroup);
  store.on(["hovered", "playing", "basket"], () => map.redraw({}));
  store.on(["tool"], ({tool}) => {
    shown.ground.dataset.tool = tool;
    collector.clear();
  });
  store.on(["selected"], ({selected}, changed) => {
    map.redraw({});
    if (selected < 0) return;
    if (document.activeElement === shown.points) map.announce(itemWords(data, selected).join(", "));
    if (changed.includes("view")) return; // Who says what is shown wants to see that.
    if (!isComfortable(view, selected)) map.glide({x: view.u[selected], y: view.v[selected], zoom: view.zoom});
  });
  store.on(["view"], (state) => {
    if (map.isKeeping) return;
    map.stop();
    view.show(state.view ?? {x: 0, y: 0, zoom: 1});
    map.redraw({points: true});
  });
  new ResizeObserver(map.resize).observe(shown.ground);
  shown.ground.dataset.tool = store.state.tool;
}

/** Whether an item is in the panel and not at its very edge; one without a place is nowhere. */
function isComfortable(view, item) {
  const [x, y] = [view.toX(view.u[item]), view.toY(view.v[item])];
  if (!Number.isFinite(x + y)) return true;
  const edge = mapMargins(view.width);
  // The outermost items lie on the margin when all of the map is shown: rounding must not matter.
  return x > edge.x - 1 && x < view.width - edge.x + 1 && y > edge.y - 1 && y < view.height - edge.y + 1;
}
