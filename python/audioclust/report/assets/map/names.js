// Names of groups, floating where most of a group is: above or below the marks there.

/** Groups that get a name on the map, at most: the largest. */
const MOST_NAMES = 80;

/** Cells along each side of the map, to find where most of a group is. */
const NAME_CELLS = 40;

/** Pixels that a name is away from the place where most of its group is, at most. */
const MOST_LIFT = 36;

/** Put names into an element. It returns {place(), mark()}. */
function createNames(data, view, root, choose) {
  const groups = data.groups
    .filter((group) => group.number >= 0 && group.items.length > 0)
    .sort((a, b) => b.items.length - a.items.length || a.number - b.number)
    .slice(0, MOST_NAMES);
  const names = groups.map((group) => ({
    group,
    at: densestPlace(view, group.items),
    // The list of groups does the same by keyboard and for screen readers.
    box: element("button", {class: "map-name", tabindex: "-1", "aria-hidden": "true", onclick: () => choose(group.number)},
      glyph(data, group.number), element("bdi", {}, groupName(data, group.number))),
  }));
  root.append(...names.map(({box}) => box));

  /** Where a name may be: above its place, or below it. */
  function boxesOf({at, width, height}) {
    const left = Math.round(view.toX(at.u) - width / 2);
    return [[at.top, -1], [at.bottom, 1]].map(([edge, side]) => {
      const away = Math.abs(edge - at.v) * view.scale() + radiusOf(view, data.n) + height / 2;
      const middle = view.toY(at.v) + Math.min(MOST_LIFT, away) * side;
      const top = Math.round(middle - height / 2);
      return [left, top, left + width, top + height];
    });
  }

  /** Place them for the view: largest groups first, and none over another or over `taken`. */
  function place(taken) {
    const boxes = [...taken];
    for (const name of names) {
      name.width ??= name.box.offsetWidth;
      name.height ??= name.box.offsetHeight;
      const box = boxesOf(name).find(([left, top, right, bottom]) =>
        left >= 0 && top >= 0 && right <= view.width && bottom <= view.height
        && !boxes.some((other) => overlap([left, top, right, bottom], other)));
      name.box.classList.toggle("map-away", box === undefined);
      if (box === undefined) continue;
      name.box.style.transform = `translate(${box[0]}px, ${box[1]}px)`;
      boxes.push(box);
    }
  }

  /** Show which group is alone shown. */
  function mark(number) {
    for (const {group, box} of names) box.classList.toggle("map-chosen", group.number === number);
  }

  return {place, mark, forget: () => names.forEach((name) => { name.width = name.height = undefined; })};
}

function overlap(one, other) {
  return one[0] < other[2] + 4 && other[0] < one[2] + 4 && one[1] < other[3] + 2 && other[1] < one[3] + 2;
}

/**
 * The mean place of the items in the cell of the map where most of them are, and around it; and
 * the top and the bottom of those.
 */
function densestPlace({u, v}, items) {
  const cell = (item) => {
    const column = Math.min(NAME_CELLS - 1, Math.floor((u[item] + 0.5) * NAME_CELLS));
    const row = Math.min(NAME_CELLS - 1, Math.floor((v[item] + 0.5) * NAME_CELLS));
    return (row + 1) * (NAME_CELLS + 2) + column + 1;
  };
  const around = [-1, 0, 1].flatMap((row) => [-1, 0, 1].map((column) => row * (NAME_CELLS + 2) + column));
  const counts = new Float64Array((NAME_CELLS + 2) ** 2);
  const places = items.filter((item) => Number.isFinite(u[item] + v[item]));
  for (const item of places) for (const step of around) counts[cell(item) + step] += step === 0 ? 1.5 : 1;
  let best = 0;
  counts.forEach((count, i) => { if (count > counts[best]) best = i; });
  const near = places.filter((item) => around.includes(cell(item) - best));
  const mean = (values) => near.reduce((sum, item) => sum + values[item], 0) / Math.max(1, near.length);
  const [top, bottom] = leastAndMost(near.map((item) => v[item]));
  return {u: mean(u), v: mean(v), top, bottom};
}
