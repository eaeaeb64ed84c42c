// The spans of a lane: how they are drawn, and how one is chosen by pointer and keyboard.

/** Spans that are drawn one by one; of more, one for each few pixels. */
const MOST_SPANS = 600;

/** Draw the spans that are in sight, each in the row of its label. */
function drawRoll(lane, width, scale, left) {
  const {data, rows, rowHeight, parts} = lane;
  const rowOf = new Map(rows.map((label, row) => [label, row]));
  const seen = Array.from(lane.items).filter((item) =>
    data.start[item] * scale <= left + width && (data.start[item] + data.duration[item]) * scale >= left);
  const drawn = seen.length > MOST_SPANS ? fewerSpans(lane, seen, scale) : seen;
  const lines = rows.slice(1).map((_, row) =>
    svgElement("path", {class: "views-rule", d: `M0 ${(row + 1) * rowHeight}H${width}`}));
  const {matches} = lane.store.state;
  const made = drawn.map((item) => {
    const x = data.start[item] * scale - left;
    const wide = Math.max(2, data.duration[item] * scale - 1);
    const y = rowOf.get(data.cluster[item]) * rowHeight + 1;
    const {color} = markOf(data, data.cluster[item]);
    const classes = ["views-span", matches && !matches[item] ? "views-dim" : "", item === lane.selected ? "views-chosen" : ""];
    const box = svgElement("rect", {class: classes.join(" ").trim(), "data-item": item,
      x: x.toFixed(1), y, width: wide.toFixed(1), height: rowHeight - 2, rx: 2, fill: color});
    const name = data.groupOf.get(data.cluster[item])?.name ?? "";
    if (rowHeight < 12 || wide < 10 + 7 * name.length) return box;
    const middle = (Math.max(0, x) + Math.min(width, x + wide)) / 2;
    return svgElement("g", {}, box, svgElement("text", {x: middle.toFixed(1), y: y + rowHeight / 2 - 1,
      dy: "0.35em", "text-anchor": "middle", fill: inkOn(color)}, name));
  });
  parts.roll.replaceChildren(...lines, ...made);
}

/** Of many spans the longest of each label in every three pixels, and the chosen one. */
function fewerSpans(lane, seen, scale) {
  const {data} = lane;
  const kept = new Map();
  for (const item of seen) {
    const place = `${Math.floor((data.start[item] * scale) / 3)} ${data.cluster[item]}`;
    const other = kept.get(place);
    if (other === undefined || data.duration[item] > data.duration[other]) kept.set(place, item);
  }
  const drawn = [...kept.values()];
  if (lane.selected >= 0 && !drawn.includes(lane.selected)) drawn.push(lane.selected);
  return drawn;
}

/** Say which span is chosen: for screen readers, the spans are values of a slider. */
function describeSelected(lane) {
  const {data, items, parts} = lane;
  const place = items.indexOf(lane.selected);
  const label = (item) => data.groupOf.get(data.cluster[item])?.name ?? data.cluster[item];
  const time = (seconds) => clockTime(seconds, 2);
  const text = place < 0
    ? `none of ${items.length} is chosen`
    : `${place + 1} of ${items.length}: ${label(lane.selected)}, from ` +
      `${time(data.start[lane.selected])} to ${time(data.start[lane.selected] + data.duration[lane.selected])}`;
  parts.roll.setAttribute("aria-valuemax", items.length);
  parts.roll.setAttribute("aria-valuenow", place + 1);
  parts.roll.setAttribute("aria-valuetext", text);
}

/** The span at a time: the last that began before it, in a row if one is given. */
function spanAt(lane, seconds, label = null) {
  const {data, items} = lane;
  let found = -1;
  for (const item of items) {
    if (data.start[item] > seconds) break;
    if (label === null || data.cluster[item] === label) found = item;
  }
  return found >= 0 && seconds <= data.start[found] + Math.max(data.duration[found], 0.05) ? found : -1;
}

/** Listen to the pointer, the wheel and the keyboard. */
function listenToLane(lane) {
  const {parts} = lane;
  parts.stage.addEventListener("click", (event) => playAtPointer(lane, event));
  parts.roll.addEventListener("keydown", (event) => keyInLane(lane, event));
  parts.scroller.addEventListener("scroll", () => laneScrolled(lane), {passive: true});
  parts.scroller.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const x = event.clientX - parts.scroller.getBoundingClientRect().left;
    zoomLane(lane, Math.exp(-event.deltaY / 300), x);
  }, {passive: false});
  parts.in.addEventListener("click", () => zoomLane(lane, 2));
  parts.out.addEventListener("click", () => zoomLane(lane, 0.5));
  parts.all.addEventListener("click", () => {
    zoomLane(lane, 0);
    parts.roll.focus();
  });
}

/** Zoom by a factor, so that what is at a pixel stays there; the middle without one. */
function zoomLane(lane, factor, pixel = null) {
  const {scroller, wide} = lane.parts;
  const {width, scale, left} = laneScale(lane);
  const at = pixel ?? width / 2;
  const seconds = (left + at) / scale;
  const most = Math.max(1, (LANE.most * lane.recording.duration) / width);
  lane.zoom = Math.min(most, Math.max(1, lane.zoom * factor));
  wide.style.width = `${Math.round(width * lane.zoom)}px`;
  scrollLane(lane, seconds * laneScale(lane).scale - at);
  lane.draw();
}

/** Choose and play the span under the pointer. */
function playAtPointer(lane, event) {
  const {parts, rows, rowHeight} = lane;
  const {scale, left} = laneScale(lane);
  const seconds = (event.clientX - parts.stage.getBoundingClientRect().left + left) / scale;
  const box = parts.roll.getBoundingClientRect();
  const own = Number(event.target.dataset?.item ?? -1);
  const row = Math.floor((event.clientY - box.top) / rowHeight);
  const item = own >= 0 ? own : spanAt(lane, seconds, parts.roll.contains(event.target) ? rows[row] : null);
  if (item < 0) return;
  lane.store.set({selected: item});
  lane.player.play(item);
}

/** Go from span to span, play, and zoom by the keyboard. */
function keyInLane(lane, event) {
  const {data, items, store, player} = lane;
  if (event.altKey || event.ctrlKey || event.metaKey) return;
  const place = items.indexOf(lane.selected);
  const same = (step) => {
    let at = place + step;
    while (place >= 0 && at >= 0 && at < items.length && data.cluster[items[at]] !== data.cluster[items[place]]) at += step;
    return at;
  };
  const places = {
    ArrowLeft: place - 1, ArrowRight: place + 1, ArrowUp: same(-1), ArrowDown: same(1), Home: 0, End: items.length - 1,
  };
  if (event.key in places) {
    const next = places[event.key];
    if (next >= 0 && next < items.length) store.set({selected: items[next]});
  } else if (event.key === "Enter" || event.key === " ") {
    const item = place < 0 ? items[0] : items[place];
    if (item !== undefined) {
      store.set({selected: item});
      player.play(item);
    }
  } else if (event.key === "+" || event.key === "=") zoomLane(lane, 2);
  else if (event.key === "-") zoomLane(lane, 0.5);
  else return;
  // The keys of the map must not act as well.
  event.preventDefault();
  event.stopPropagation();
}
