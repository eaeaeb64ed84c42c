// Names of groups, floating where most of a group is.

/** Groups that get a name on the map, at most: the largest. */
const MOST_NAMES = 80;

/** Cells along each side of the map, to find where most of a group is. */
const NAME_CELLS = 40;

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

  /** Place them for the view: largest groups first, and none over another or over `taken`. */
  function place(taken) {
    const boxes = [...taken];
    for (const name of names) {
      name.width ??= name.box.offsetWidth;
      name.height ??= name.box.offsetHeight;
      const x = Math.round(view.toX(name.at[0]) - name.width / 2);
      const y = Math.round(view.toY(name.at[1]) - name.height / 2);
      const box = [x, y, x + name.width, y + name.height];
      const shown = name.width > 0 && box[0] >= 0 && box[1] >= 0 && box[2] <= view.width
        && box[3] <= view.height && !boxes.some((other) => overlap(box, other));
      name.box.classList.toggle("map-away", !shown);
      if (!shown) continue;
      name.box.style.transform = `translate(${x}px, ${y}px)`;
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

/** The mean place of the items in the cell of the map where most of them are, and around it. */
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
  return [mean(u), mean(v)];
}
