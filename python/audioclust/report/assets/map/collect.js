// The lasso and the lens: what is inside becomes `collected`.

const LENS = {start: 56, least: 16, most: 320};

/**
 * The lasso's corners and the lens, and what they collect. Both stay where they are on the map
 * when it is zoomed. The lens follows the pointer until it is put down by a click.
 */
function createCollector(map) {
  const {data, store, view} = map;
  let radius = LENS.start;
  const collector = {corners: [], lens: null, isDown: false};

  function collect(items) {
    const old = store.state.collected;
    const isSame = items.length === old.length && items.every((item, i) => item === old[i]);
    store.set({collected: isSame ? old : items, collectedBy: collector.lens ? "lens" : "lasso"});
  }

  function collectInLens() {
    const {lens} = collector;
    if (lens) collect(itemsInCircle(data, view, lens.u, lens.v, lens.radius / view.scale(), map.accepts));
  }

  /** Put the lens to a place of the map, and collect when the page is next drawn. */
  collector.lensTo = (u, v) => {
    collector.corners = [];
    collector.lens = {u, v, radius};
    map.redraw({collect: true});
  };
  collector.resizeLens = (factor) => {
    radius = Math.min(LENS.most, Math.max(LENS.least, radius * factor));
    const {lens} = collector;
    if (lens) collector.lensTo(lens.u, lens.v);
  };
  collector.addCorner = (u, v) => {
    collector.corners.push([u, v]);
    map.redraw({});
  };
  collector.endLasso = () => {
    const items = collector.corners.length > 2
      ? itemsInPolygon(data, view, collector.corners, map.accepts) : [];
    collect(items);
    if (items.length === 0) collector.corners = [];
    map.announce(items.length ? `${itemsWords(data, items.length)} inside.` : "Nothing is inside.");
    map.redraw({});
  };
  /** Collect again, since the lens moved, or what it may collect changed. */
  collector.again = () => {
    if (collector.corners.length > 2) collect(itemsInPolygon(data, view, collector.corners, map.accepts));
    else collectInLens();
  };
  collector.clear = () => {
    Object.assign(collector, {corners: [], lens: null, isDown: false});
    collect([]);
    map.redraw({});
  };
  /** What the items inside are called while they are played. */
  collector.name = () => `the ${store.state.collectedBy}`;
  collector.isEmpty = () => collector.lens === null && collector.corners.length === 0
    && store.state.collected.length === 0;
  return collector;
}
