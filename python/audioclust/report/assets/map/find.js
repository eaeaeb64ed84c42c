// Which items are somewhere on the map.
//
// All items are looked at each time. At 100,000 that takes a fraction of a millisecond,
// so an index would be more to keep right and no faster to a hand.

/** The item nearest to a pixel and within a distance of it, or -1. */
function nearestItem(view, px, py, reach, accepts) {
  const {u, v} = view;
  const [x, y] = [view.fromX(px), view.fromY(py)];
  let best = -1;
  let least = (reach / view.scale()) ** 2;
  for (let item = 0; item < u.length; item++) {
    const distance = (u[item] - x) ** 2 + (v[item] - y) ** 2;
    // The first of those at one place.
    if ((distance < least || (best < 0 && distance === least)) && accepts(item)) {
      best = item;
      least = distance;
    }
  }
  return best;
}

/**
 * The item to go to from another one by an arrow key, or -1: the nearest within 45 degrees of
 * the direction, or else the nearest on that side. Items at one place come one after the other,
 * to the right by their numbers and to the left back, before others do.
 */
function itemTowards(view, from, dx, dy, accepts) {
  const {u, v} = view;
  const step = dx || 0;
  let [narrow, wide, same] = [-1, -1, -1];
  let [narrowLeast, wideLeast] = [Infinity, Infinity];
  for (let item = 0; item < u.length; item++) {
    const [x, y] = [u[item] - u[from], v[item] - v[from]];
    const along = x * dx + y * dy;
    const aside = Math.abs(x * dy - y * dx);
    if (x === 0 && y === 0) {
      const next = step * (item - from);
      if (next > 0 && (same < 0 || next < step * (same - from)) && accepts(item)) same = item;
      continue;
    }
    if (!(along > 0)) continue;
    const distance = x * x + y * y;
    if (aside <= along && distance < narrowLeast && accepts(item)) [narrow, narrowLeast] = [item, distance];
    if (distance < wideLeast && accepts(item)) [wide, wideLeast] = [item, distance];
  }
  if (same >= 0) return same;
  const found = narrow >= 0 ? narrow : wide;
  return found < 0 || dx >= 0 ? found : lastAt(view, found, accepts);
}

/** The last of the items at the place of one, so that going back takes them in turn. */
function lastAt({u, v}, one, accepts) {
  for (let item = u.length - 1; item > one; item--) {
    if (u[item] === u[one] && v[item] === v[one] && accepts(item)) return item;
  }
  return one;
}

/** The items inside a circle, in the order in which all are played. */
function itemsInCircle(data, view, x, y, radius, accepts) {
  const {u, v} = view;
  const most = radius ** 2;
  const inside = (item) => (u[item] - x) ** 2 + (v[item] - y) ** 2 <= most && accepts(item);
  return Array.from(data.order.filter(inside));
}

/** The items inside a polygon of [x, y] corners, in the order in which all are played. */
function itemsInPolygon(data, view, corners, accepts) {
  const {u, v} = view;
  const [left, right] = leastAndMost(corners.map(([x]) => x));
  const [top, bottom] = leastAndMost(corners.map(([, y]) => y));
  const inside = (item) =>
    u[item] >= left && u[item] <= right && v[item] >= top && v[item] <= bottom
    && insidePolygon(corners, u[item], v[item]) && accepts(item);
  return Array.from(data.order.filter(inside));
}

/** Whether a place is inside a polygon: whether a ray from it crosses an odd number of sides. */
function insidePolygon(corners, x, y) {
  let inside = false;
  for (let i = 0, j = corners.length - 1; i < corners.length; j = i++) {
    const [ax, ay] = corners[i];
    const [bx, by] = corners[j];
    if ((ay > y) !== (by > y) && x < ax + ((y - ay) / (by - ay)) * (bx - ax)) inside = !inside;
  }
  return inside;
}
