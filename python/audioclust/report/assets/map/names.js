// Names of groups, floating beside the place where most of a group is.

/** Groups that get a name on the map, at most: the largest. */
const MOST_NAMES = 80;

/** Cells along each side of the map, to find where most of a group is. */
const NAME_CELLS = 40;

/** Pixels that a name is away from the place where most of its group is, at most. */
const MOST_LIFT = 48;

/** Pixels around a name in which marks of other groups make it mislead. */
const NAME_MARGIN = 4;

/** Where a name may be from its place, the best first: steps to the right and down. */
const NAME_SIDES = [[0, -1], [0, 1], [1, 0], [-1, 0], [1, -1], [-1, -1], [1, 1], [-1, 1]];

/** Put names into an element. It returns {place(), mark(), dim(), forget()}. */
function createNames(data, view, root, choose) {
  const groups = namedGroups(data);
  const short = shortNames(data);
  const marks = createMarksIndex(data, view);
  const names = groups.map((group) => {
    const words = element("bdi");
    return {
      group, words, texts: short.get(group.number), sizes: null, shown: -1,
      at: densestPlace(view, group.items),
      // The list of groups does the same by keyboard and for screen readers.
      box: element("button", {class: "map-name", tabindex: "-1", "aria-hidden": "true", onclick: () => choose(group.number)},
        glyph(data, group.number), words),
    };
  });
  root.append(...names.map(({box}) => box));

  /** Measure all texts that names may have, in one go. */
  function measure() {
    for (let i = 0; names.some(({texts}) => i < texts.length); i++) {
      const some = names.filter(({texts}) => i < texts.length);
      for (const name of some) name.words.textContent = name.texts[i];
      for (const name of some) (name.sizes ??= []).push([name.box.offsetWidth, name.box.offsetHeight]);
    }
    for (const name of names) name.shown = name.texts.length - 1;
  }

  /** Place them for the view: largest groups first, and none over another or over `taken`. */
  function place(taken) {
    if (names.some(({sizes}) => sizes === null)) measure();
    const boxes = [...taken];
    for (const name of names) {
      const found = bestPlace(name, view, radiusOf(view, data.n), boxes, marks);
      name.box.classList.toggle("map-away", found === null);
      if (found === null) continue;
      if (found.text !== name.shown) {
        name.shown = found.text;
        name.words.textContent = name.texts[found.text];
      }
      name.box.style.transform = `translate(${found.box[0]}px, ${found.box[1]}px)`;
      boxes.push(found.box);
    }
  }

  /** Show which group is alone shown. */
  function mark(number) {
    for (const {group, box} of names) box.classList.toggle("map-chosen", group.number === number);
  }

  /** Fade the names of groups of which nothing is bright: `bright` has 1 for what is, or is null. */
  function dim(bright) {
    for (const {group, box} of names) {
      box.classList.toggle("map-dimmed", bright !== null && !group.items.some((item) => bright[item] === 1));
    }
  }

  return {place, mark, dim, forget: () => names.forEach((name) => { name.sizes = null; })};
}

/** The groups that have names on the map. One group, and units of a map, need none. */
function namedGroups(data) {
  const groups = data.groups.filter((group) => group.number >= 0 && group.items.length > 0);
  if (data.kind === "map" || groups.length < 2) return [];
  return groups.sort((a, b) => b.items.length - a.items.length || a.number - b.number).slice(0, MOST_NAMES);
}

/**
 * A place for a name: {box, text}, or null. Each text is tried, the longest first. A box must not
 * be over another one, and the marks in it and close to it must be the group's own, or it would
 * seem to be the name of others. Of such boxes, the one that hides the least is taken.
 */
function bestPlace(name, view, radius, taken, marks) {
  for (let text = 0; text < name.texts.length; text++) {
    let best = null;
    for (const [side, box] of boxesBeside(name.at, name.sizes[text], view, radius).entries()) {
      const [left, top, right, bottom] = box;
      const isFree = left >= 0 && top >= 0 && right <= view.width && bottom <= view.height
        && !taken.some((other) => overlap(box, other));
      if (!isFree) continue;
      const {own, others} = marks.under(box, radius + NAME_MARGIN, name.group.number);
      // A stray mark inside a dense group does not turn the name over to another one.
      if (others > 0.1 * own) continue;
      const hidden = own + side / 2; // The first sides are the plainer ones.
      if (best === null || hidden < best.hidden) best = {box, text, hidden};
    }
    if (best) return best;
  }
  return null;
}

/** Where a name of a size may be: on all sides of the densest part of its group. */
function boxesBeside(at, [width, height], view, radius) {
  const [x, y] = [view.toX(at.u), view.toY(at.v)];
  const room = radius + 3;
  return NAME_SIDES.map(([across, down]) => {
    const edge = (from, to) => Math.min(MOST_LIFT, Math.abs(to - from) * view.scale()) + room;
    const away = across && down ? 0.7 : 1; // Corners are rounded off.
    const middleX = x + across * (away * edge(at.u, across < 0 ? at.left : at.right) + width / 2);
    const middleY = y + down * (away * edge(at.v, down < 0 ? at.top : at.bottom) + height / 2);
    const [left, top] = [Math.round(middleX - width / 2), Math.round(middleY - height / 2)];
    return [left, top, left + width, top + height];
  });
}

function overlap(one, other) {
  return one[0] < other[2] + 4 && other[0] < one[2] + 4 && one[1] < other[3] + 2 && other[1] < one[3] + 2;
}

/**
 * The mean place of the items in the cell of the map where most of them are, and around it; and
 * the edges of those.
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
  const [left, right] = leastAndMost(near.map((item) => u[item]));
  const [top, bottom] = leastAndMost(near.map((item) => v[item]));
  return {u: mean(u), v: mean(v), left, right, top, bottom};
}
