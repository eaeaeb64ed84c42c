// A self-organizing map as a grid of cells: squares, or hexagons where it is hexagonal.

const CELL = 40; // The width of a cell in the units of the picture.

/** The cells of a map, which play their sounds. */
function createGrid(data, store, player, view) {
  const units = unpacked(view.units);
  const regions = view.regions ? unpacked(view.regions) : null;
  const members = Array.from({length: view.rows * view.cols}, () => []);
  for (const item of data.order) members[units[item]].push(item);
  const hits = members.map((items) => items.length);
  const grid = {data, store, player, view, units, regions, members, hits, chosen: -1, focus: 0,
    shade: "umatrix", cells: [], heading: element("h3", {"aria-live": "polite"}), list: element("div"),
    scale: element("p", {class: "views-scale muted"})};
  const shades = [["umatrix", "Distance"], ["hits", "Sounds"], ...(regions ? [["regions", "Groups"]] : [])];
  const section = viewSection("grid", "The units of the map",
    choiceButtons("Colour units by", shades, "umatrix", (shade) => {
      grid.shade = shade;
      shadeCells(grid);
    }));
  const picture = gridPicture(grid);
  const map = element("div", {class: "views-map"}, element("div", {class: "views-scroll"}, picture), grid.scale);
  map.style.flexBasis = picture.style.maxWidth;
  section.append(
    element("p", {class: "views-hint muted"},
      `${view.rows} × ${view.cols} units, ${view.topology}. Neighbours are alike. The circle and the number are the ` +
      "sounds of a unit; a click plays them. With the keyboard: arrows go from unit to unit, Enter plays."),
    // Only the heading is read aloud: a unit may have thousands of sounds.
    element("div", {class: "views-columns"}, map, element("div", {class: "views-details"}, grid.heading, grid.list)));
  shadeCells(grid);
  showUnit(grid);
  store.on(["selected", "playing"], (state) => markUnit(grid, state));
  store.on(["theme"], () => shadeCells(grid));
  return section;
}

/** Where a unit is drawn: its middle, in the units of the picture. */
function unitPlace(view, unit) {
  const row = Math.floor(unit / view.cols);
  const col = unit % view.cols;
  if (view.topology !== "hexagonal") return [(col + 0.5) * CELL, (row + 0.5) * CELL];
  return [(col + 0.5 + (row % 2) / 2) * CELL, ((row * Math.sqrt(3)) / 2 + 1 / Math.sqrt(3)) * CELL];
}

/** The corners of a unit's cell around its middle. */
function cellCorners(view) {
  if (view.topology !== "hexagonal") return [[-0.5, -0.5], [0.5, -0.5], [0.5, 0.5], [-0.5, 0.5]];
  return [30, 90, 150, 210, 270, 330].map((degrees) => {
    const angle = (degrees * Math.PI) / 180;
    return [Math.cos(angle) / Math.sqrt(3), Math.sin(angle) / Math.sqrt(3)];
  });
}

/** All cells, as a grid that screen readers know as one. */
function gridPicture(grid) {
  const {view} = grid;
  const isHexagonal = view.topology === "hexagonal";
  const width = (view.cols + (isHexagonal && view.rows > 1 ? 0.5 : 0)) * CELL;
  const height = isHexagonal
    ? (((view.rows - 1) * Math.sqrt(3)) / 2 + 2 / Math.sqrt(3)) * CELL : view.rows * CELL;
  const picture = svgElement("svg", {class: "views-cells", role: "grid", "aria-label": "Units of the map",
    viewBox: `-2 -2 ${(width + 4).toFixed(1)} ${(height + 4).toFixed(1)}`,
    onkeydown: (event) => keyInGrid(grid, event)});
  picture.style.maxWidth = `${Math.max(240, Math.min(width * 1.5, 900))}px`;
  picture.style.minWidth = `${Math.round(width * 0.75)}px`;
  const most = Math.max(1, ...grid.hits);
  for (let row = 0; row < view.rows; row++) {
    const line = svgElement("g", {role: "row"});
    for (let col = 0; col < view.cols; col++) line.append(gridCell(grid, row * view.cols + col, most));
    picture.append(line);
  }
  return picture;
}

/** One unit: its cell, a circle whose area is its sounds, and their number. */
function gridCell(grid, unit, most) {
  const {view, hits} = grid;
  const [x, y] = unitPlace(view, unit);
  const corners = (size) => cellCorners(view)
    .map(([dx, dy]) => `${(x + dx * size).toFixed(1)},${(y + dy * size).toFixed(1)}`).join(" ");
  const radius = CELL * Math.max(0.2, 0.38 * Math.sqrt(hits[unit] / most));
  const fill = svgElement("polygon", {class: "views-cell", points: corners(CELL)});
  const text = svgElement("text", {x: x.toFixed(1), y: y.toFixed(1), dy: "0.36em", "text-anchor": "middle"});
  const cell = svgElement("g", {class: "views-unit", role: "gridcell", "data-unit": unit,
    tabindex: unit === 0 ? 0 : -1, "aria-selected": "false", "aria-label": unitWords(grid, unit),
    onclick: () => playUnit(grid, unit), onfocus: () => focusUnit(grid, unit)},
  svgElement("polygon", {class: "views-ground", points: corners(CELL)}), fill,
  svgElement("polygon", {class: "views-ring", points: corners(CELL - 5)}),
  hits[unit] ? svgElement("circle", {cx: x.toFixed(1), cy: y.toFixed(1), r: radius.toFixed(1)}) : null,
  hits[unit] ? text : null);
  grid.cells.push({cell, fill, text});
  return cell;
}

/** A unit in words. */
function unitWords(grid, unit) {
  const {view, hits, regions, data} = grid;
  const place = `row ${Math.floor(unit / view.cols)}, column ${unit % view.cols}`;
  const sounds = hits[unit] === 1 ? "1 sound" : `${hits[unit] || "no"} sounds`;
  const group = regions && regions[unit] >= 0 ? `; group ${data.groupOf.get(regions[unit])?.name ?? regions[unit]}` : "";
  return `${place}: ${sounds}; distance to its neighbours ${shortNumber(view.umatrix[unit])}${group}`;
}

/** Colour all cells by what is asked for, and say what the colours are. */
function shadeCells(grid) {
  const {view, hits, regions, data, shade, scale} = grid;
  const values = shade === "hits" ? hits : view.umatrix;
  const low = Math.min(...values);
  const high = Math.max(...values);
  grid.cells.forEach(({fill, text}, unit) => {
    const isGroup = shade === "regions";
    const known = !isGroup || regions[unit] >= 0;
    const share = high > low ? (values[unit] - low) / (high - low) : 0;
    fill.style.fill = isGroup && known ? markOf(data, regions[unit]).color : "";
    fill.setAttribute("fill-opacity", isGroup ? (known ? 1 : 0) : (0.04 + 0.96 * share).toFixed(3));
    text.textContent = isGroup && known ? String(data.groupOf.get(regions[unit])?.name ?? regions[unit]).slice(0, 4) : String(hits[unit]);
  });
  if (shade === "regions") {
    scale.replaceChildren("The number in a circle is the unit's group.");
    return;
  }
  const steps = [0.04, 0.28, 0.52, 0.76, 1].map((opacity, i) => svgElement("rect",
    {class: "views-cell", x: 1 + i * 22, y: 1, width: 20, height: 12, "fill-opacity": opacity}));
  const words = shade === "hits" ? "sounds" : "mean distance to neighbours";
  scale.replaceChildren(`${shortNumber(low)} `,
    svgElement("svg", {width: 112, height: 14, "aria-hidden": "true"}, ...steps), ` ${shortNumber(high)} ${words}`);
}

/** Make one unit the one that Tab comes to. */
function focusUnit(grid, unit) {
  grid.cells[grid.focus].cell.setAttribute("tabindex", -1);
  grid.focus = unit;
  grid.cells[unit].cell.setAttribute("tabindex", 0);
}

/** Choose a unit, collect its sounds and play them one after the other. */
function playUnit(grid, unit) {
  focusUnit(grid, unit);
  grid.chosen = unit;
  grid.cells.forEach(({cell}, i) => cell.setAttribute("aria-selected", String(i === unit)));
  showUnit(grid);
  const items = grid.members[unit];
  grid.store.set({collected: items, collectedBy: "unit"});
  if (items.length) grid.player.playAll(items);
}

/** Show the sounds of the chosen unit beside the map. */
function showUnit(grid) {
  const {chosen, members, data, store, player, heading, list} = grid;
  heading.hidden = chosen < 0;
  if (chosen < 0) {
    list.replaceChildren(element("p", {class: "muted"}, "No unit is chosen."));
    return;
  }
  const words = unitWords(grid, chosen);
  const buttons = members[chosen].slice(0, MOST_IN_LIST).map((item) => element("li", {}, element("button", {
    type: "button", class: "quiet one-line",
    onclick: () => {
      store.set({selected: item});
      player.play(item);
    },
  }, data.names[item])));
  heading.textContent = capital(words);
  list.replaceChildren(element("ul", {class: "views-items"}, ...buttons), ...moreWords(members[chosen].length));
}

/** Ring the unit of what is selected or sounds. */
function markUnit(grid, state) {
  const item = state.playing >= 0 ? state.playing : state.selected;
  const unit = item >= 0 ? grid.units[item] : -1;
  grid.cells.forEach(({cell}, i) => cell.classList.toggle("views-here", i === unit));
}

/** Go from unit to unit, and play one. */
function keyInGrid(grid, event) {
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const {view, focus} = grid;
  const row = Math.floor(focus / view.cols);
  const col = focus % view.cols;
  const places = {
    ArrowLeft: [row, col - 1], ArrowRight: [row, col + 1], ArrowUp: [row - 1, col], ArrowDown: [row + 1, col],
    Home: [row, 0], End: [row, view.cols - 1],
  };
  if (event.key in places) {
    const [r, c] = places[event.key];
    if (r >= 0 && r < view.rows && c >= 0 && c < view.cols) grid.cells[r * view.cols + c].cell.focus();
  } else if (event.key === "Enter" || event.key === " ") playUnit(grid, focus);
  else return;
  // The keys of the map must not act as well.
  event.preventDefault();
  event.stopPropagation();
}
