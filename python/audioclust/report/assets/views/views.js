// Views besides the map: recordings over time, grids of maps, pitch classes, why this k.

/** Add the views that this page has data for. */
function createViews(data, store, player, root) {
  const makers = [
    ["timeline", createTimeline], ["grid", createGrid], ["pitch", createPitch],
    ["selection", createSelection],
  ];
  for (const [name, maker] of makers) {
    if (data.views[name]) root.append(maker(data, store, player, data.views[name]));
  }
  root.hidden = root.childElementCount === 0;
  // The grid is the map of a self-organizing map; the sounds spread out come after it.
  if (data.kind === "map" && data.views.grid) root.parentElement.prepend(root);
}

/** A part of the page with a heading, and what stands beside the heading. */
function viewSection(name, heading, ...beside) {
  const id = `views-${name}-heading`;
  return element("section", {class: `views-part views-${name}`, "aria-labelledby": id},
    element("div", {class: "views-head"}, element("h2", {id}, heading), ...beside));
}

/** Black or white: what can be read on a colour, given as #rrggbb, rgb() or var(). */
function inkOn(color) {
  const name = color.match(/^var\((--[\w-]+)\)$/)?.[1];
  const known = name ? getComputedStyle(document.documentElement).getPropertyValue(name).trim() : color;
  const parts = known.startsWith("#")
    ? [1, 3, 5].map((at) => parseInt(known.slice(at, at + 2), 16)) : (known.match(/[\d.]+/g) ?? [0, 0, 0]).map(Number);
  const [r, g, b] = parts.map((part) => (part / 255) ** 2.2);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.18 ? "#000000" : "#ffffff";
}

/** Seconds as people write them: 0:03.25, 12:07 or 1:02:03. */
function clockTime(seconds, digits = 0) {
  const units = 10 ** digits;
  const all = Math.round(seconds * units);
  const whole = Math.floor(all / units);
  const rest = digits ? `.${String(all % units).padStart(digits, "0")}` : "";
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const text = `${String(whole % 60).padStart(2, "0")}${rest}`;
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${text}` : `${minutes}:${text}`;
}

/** Buttons of which one is pressed. choices: [value, words]; chosen(value) is called. */
function choiceButtons(label, choices, first, chosen) {
  const buttons = choices.map(([value, words]) => element("button", {
    type: "button", "aria-pressed": String(value === first),
    onclick: (event) => {
      for (const one of buttons) one.setAttribute("aria-pressed", String(one === event.currentTarget));
      chosen(value);
    },
  }, words));
  return element("div", {class: "views-choice", role: "group", "aria-label": label}, ...buttons);
}

/** A number with at most three digits that count. */
function shortNumber(value) {
  if (value === null || !Number.isFinite(value)) return "–";
  return String(Number(value.toPrecision(3)));
}

/** Round numbers that part the range from low to high into about n parts. */
function roundTicks(low, high, n) {
  const raw = (high - low) / n || 1;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= raw * 0.999);
  const ticks = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) {
    ticks.push(Number((i * step).toPrecision(12)));
  }
  return ticks;
}
