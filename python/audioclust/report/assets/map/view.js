// Where things are on the map: from items to pixels, and back.

/**
 * Pixels between the outermost items and the edge, when all of the map is shown: beside, above
 * and below. On a narrow panel the buttons stand in a row above the items, else beside them.
 */
function mapMargins(width) {
  return width < 560 ? {x: 24, y: 64} : {x: 52, y: 32};
}

const MOST_ZOOM = 400;

/**
 * The part of the map that is shown. u and v are the items' places: the middle of the map is 0,
 * and its longer side is 1 long; v grows downwards. x and y are the place in the middle of the
 * panel, and zoom is 1 where all is shown. Pixels are CSS pixels.
 */
function createMapView(data) {
  const [left, right] = leastAndMost(data.x);
  const [bottom, top] = leastAndMost(data.y);
  const size = Math.max(right - left, top - bottom) || 1;
  const view = {
    u: Float64Array.from(data.x, (x) => (x - (left + right) / 2) / size),
    v: Float64Array.from(data.y, (y) => ((bottom + top) / 2 - y) / size),
    x: 0, y: 0, zoom: 1, width: 1, height: 1,
  };
  const across = (right - left) / size || 1;
  const down = (top - bottom) / size || 1;

  /** Pixels for a length of 1 where all of the map is shown. */
  view.fit = () => {
    const {x, y} = mapMargins(view.width);
    return Math.max(1, Math.min((view.width - 2 * x) / across, (view.height - 2 * y) / down));
  };
  view.scale = () => view.zoom * view.fit();
  view.toX = (u) => view.width / 2 + (u - view.x) * view.scale();
  view.toY = (v) => view.height / 2 + (v - view.y) * view.scale();
  view.fromX = (x) => view.x + (x - view.width / 2) / view.scale();
  view.fromY = (y) => view.y + (y - view.height / 2) / view.scale();

  /** Show a part; never more than the panel shows of all. */
  view.show = ({x, y, zoom}) => {
    view.zoom = Math.min(MOST_ZOOM, Math.max(1, Number.isFinite(zoom) ? zoom : 1));
    const room = (1 - 1 / view.zoom) / (2 * view.fit());
    view.x = clamped(x, room * view.width);
    view.y = clamped(y, room * view.height);
  };
  /** Zoom so that what is at a pixel stays there, or comes to another one. */
  view.zoomAt = (px, py, factor, toX = px, toY = py) => {
    const [x, y] = [view.fromX(px), view.fromY(py)];
    const zoom = Math.min(MOST_ZOOM, Math.max(1, view.zoom * factor));
    const scale = zoom * view.fit();
    view.show({x: x - (toX - view.width / 2) / scale, y: y - (toY - view.height / 2) / scale, zoom});
  };
  view.panBy = (dx, dy) => view.show({
    x: view.x - dx / view.scale(), y: view.y - dy / view.scale(), zoom: view.zoom,
  });
  return view;
}

/** The least and the largest number that is one. */
function leastAndMost(values) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return low <= high ? [low, high] : [0, 0];
}

function clamped(value, bound) {
  return Number.isFinite(value) ? Math.min(bound, Math.max(-bound, value)) : 0;
}

/** A view as the state has it: rounded, so that a link is short; null for all of the map. */
function viewState(view) {
  if (view.zoom < 1.0005) return null;
  const rounded = (value, digits) => Number(value.toFixed(digits));
  return {x: rounded(view.x, 5), y: rounded(view.y, 5), zoom: rounded(view.zoom, 3)};
}
