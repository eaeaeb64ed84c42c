// Why there are so many clusters: the scores of each number that was tried.

const CHART = {height: 260, left: 48, right: 16, top: 24, bottom: 40};

/** The chart of the scores, the reason in words, and the numbers as a table. */
function createSelection(data, _store, _player, view) {
  const what = data.kind === "map" ? "groups" : wordsOf(data).groups;
  const heading = view.best_k === 1 ? `Why one ${what.slice(0, -1)}` : `Why ${view.best_k} ${what}`;
  const section = viewSection("selection", heading);
  const middle = view.plausible.length === 2 && view.best_k > 1 ? " Of these three numbers the middle one is taken." : "";
  const also = middle + (view.plausible.length ? ` Also plausible: ${view.plausible.join(", ")}.` : "");
  section.append(element("p", {class: "views-reason"}, `${view.reason.slice(0, 1).toUpperCase()}${view.reason.slice(1)}.${also}`));
  if (view.table.length === 0) return section;
  const chart = element("figure", {class: "views-chart"});
  section.append(
    element("div", {class: "views-columns"}, chart, selectionKey(view)),
    element("details", {}, element("summary", {}, "The numbers"), selectionTable(view)));
  // As wide as its place, so that its numbers are readable on small screens.
  new ResizeObserver(() => {
    const width = Math.max(240, Math.min(720, Math.floor(chart.clientWidth)));
    if (chart.firstChild?.getAttribute("width") !== String(width)) chart.replaceChildren(selectionChart(view, what, width));
  }).observe(chart);
  return section;
}

/** From numbers to places in the chart. */
function chartScales(view, width) {
  const ks = view.table.map((row) => row.k);
  const values = view.table.flatMap((row) => view.curves.map(({name}) => row[name])).filter((v) => v !== null);
  const ends = [Math.min(0, ...values), Math.max(1e-9, ...values)];
  const ticks = roundTicks(...ends, 4);
  const step = ticks[1] - ticks[0] || ends[1];
  // The axis ends at ticks, so that no value lies beyond the last number.
  const [low, high] = [Math.floor(ends[0] / step + 1e-9) * step, Math.ceil(ends[1] / step - 1e-9) * step];
  const [first, last] = [ks[0], ks[ks.length - 1]];
  const across = width - CHART.left - CHART.right;
  const down = CHART.height - CHART.top - CHART.bottom;
  return {
    ks, low, high, width,
    x: (k) => CHART.left + (last > first ? ((k - first) / (last - first)) * across : across / 2),
    y: (value) => CHART.top + (1 - (value - low) / (high - low)) * down,
  };
}

/** A line through the known values of a column. */
function curvePath(view, scales, name) {
  let path = "";
  let pen = "M";
  for (const row of view.table) {
    if (row[name] === null) {
      pen = "M";
      continue;
    }
    path += `${pen}${scales.x(row.k).toFixed(1)} ${scales.y(row[name]).toFixed(1)}`;
    pen = "L";
  }
  return path;
}

/** The chart: axes, the band of what sounds without groups reach, curves, and the chosen k. */
function selectionChart(view, what, width) {
  const scales = chartScales(view, width);
  const [main] = view.curves;
  const has = (name) => view.curves.some((curve) => curve.name === name);
  const parts = [...chartAxes(scales, what)];
  if (has("null_mean")) parts.push(nullBand(view, scales));
  for (const {name} of view.curves.slice(1)) {
    if (name !== "null_high") parts.push(svgElement("path", {class: `views-curve views-${name}`, d: curvePath(view, scales, name)}));
  }
  parts.push(svgElement("path", {class: "views-curve views-main", d: curvePath(view, scales, main.name)}));
  for (const row of view.table) {
    if (row[main.name] === null) continue;
    const isGood = row.verdict.includes("best") || row.verdict.includes("plausible");
    parts.push(svgElement("circle", {class: isGood ? "views-good" : "views-poor", "data-k": row.k,
      cx: scales.x(row.k).toFixed(1), cy: scales.y(row[main.name]).toFixed(1), r: row.k === view.best_k ? 6 : 4}));
  }
  for (const k of view.plausible.filter((one) => scales.ks.includes(one))) {
    const x = scales.x(k).toFixed(1);
    parts.push(svgElement("path", {class: "views-vote", "data-k": k, d: `M${x} ${CHART.top}V${CHART.height - CHART.bottom}`}));
  }
  if (scales.ks.includes(view.best_k)) {
    const x = scales.x(view.best_k);
    const anchor = x < 90 ? "start" : x > width - 60 ? "end" : "middle";
    parts.push(svgElement("path", {class: "views-best", d: `M${x.toFixed(1)} ${CHART.top - 6}V${CHART.height - CHART.bottom}`}),
      svgElement("text", {class: "views-best-name", x: x.toFixed(1), y: CHART.top - 10, "text-anchor": anchor}, `chosen: ${view.best_k}`));
  }
  return svgElement("svg", {width, height: CHART.height, role: "img",
    "aria-label": `Chart: ${main.words}, for each number of ${what}. The numbers are in the table below.`}, ...parts);
}

/** The area between the mean and the 95th percentile of what has no groups. */
function nullBand(view, scales) {
  const known = view.table.filter((row) => row.null_mean !== null && row.null_high !== null);
  const points = [
    ...known.map((row) => [row.k, row.null_high]), ...known.reverse().map((row) => [row.k, row.null_mean]),
  ].map(([k, value]) => `${scales.x(k).toFixed(1)},${scales.y(value).toFixed(1)}`);
  return svgElement("polygon", {class: "views-null", points: points.join(" ")});
}

/** Both axes with their numbers. */
function chartAxes(scales, what) {
  const {width} = scales;
  const bottom = CHART.height - CHART.bottom;
  const parts = [svgElement("path", {class: "views-tick", d: `M${CHART.left} ${bottom}H${width - CHART.right}`})];
  for (const value of roundTicks(scales.low, scales.high, 4)) {
    const y = scales.y(value);
    parts.push(svgElement("path", {class: "views-rule", d: `M${CHART.left} ${y.toFixed(1)}H${width - CHART.right}`}),
      svgElement("text", {x: CHART.left - 8, y: y.toFixed(1), dy: "0.35em", "text-anchor": "end"}, shortNumber(value)));
  }
  const every = Math.ceil((26 * scales.ks.length) / (width - CHART.left));
  scales.ks.forEach((k, i) => {
    if (i % every === 0) parts.push(svgElement("text", {x: scales.x(k).toFixed(1), y: bottom + 16, "text-anchor": "middle"}, String(k)));
  });
  parts.push(svgElement("text", {x: (CHART.left + width - CHART.right) / 2, y: CHART.height - 6, "text-anchor": "middle"}, `number of ${what}`));
  return parts;
}

/** What the lines are. */
function selectionKey(view) {
  const entries = view.curves.map(({name, words}, i) => {
    const sample = name === "null_high"
      ? svgElement("rect", {class: "views-null", x: 0, y: 2, width: 28, height: 10})
      : svgElement("path", {class: `views-curve views-${i === 0 ? "main" : name}`, d: "M0 7H28"});
    return element("li", {}, svgElement("svg", {width: 28, height: 14, "aria-hidden": "true"}, sample), words);
  });
  entries.push(element("li", {}, svgElement("svg", {width: 28, height: 14, "aria-hidden": "true"},
    svgElement("circle", {class: "views-good", cx: 7, cy: 7, r: 4}), svgElement("circle", {class: "views-poor", cx: 21, cy: 7, r: 4})),
  "filled: plausible; hollow: not"));
  if (view.plausible.length) {
    entries.push(element("li", {}, svgElement("svg", {width: 28, height: 14, "aria-hidden": "true"},
      svgElement("path", {class: "views-vote", d: "M14 0V14"})), "what other looks at the sounds name"));
  }
  return element("ul", {class: "views-key"}, ...entries);
}

/** The numbers of the chart. */
function selectionTable(view) {
  const columns = ["k", ...view.curves.map((curve) => curve.name), ...("stability" in view.table[0] ? ["stability"] : []), "verdict"];
  const cell = (row, name) => {
    const value = row[name];
    if (typeof value !== "number") return value ?? "–";
    return name === "k" ? String(value) : value.toFixed(2);
  };
  return element("div", {class: "views-scroll", tabindex: 0, role: "region", "aria-label": "Scores of each number"},
    element("table", {class: "views-table numbers"},
      element("thead", {}, element("tr", {}, ...columns.map((name) => element("th", {scope: "col"}, name.replaceAll("_", " "))))),
      element("tbody", {}, ...view.table.map((row) => element("tr", {"aria-current": row.k === view.best_k ? "true" : null},
        ...columns.map((name) => element(name === "k" ? "th" : "td", name === "k" ? {scope: "row"} : {}, cell(row, name))))))));
}
