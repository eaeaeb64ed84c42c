// One recording over time: waveform, a row of spans for each label, spectrogram, playhead.

const LANE = {wave: 72, axis: 20, picture: 96, most: 400, rows: 176};

/**
 * One recording over time. It gives root, items, show() (draw it for the first time), draw(),
 * select(item or -1) and movePlayhead(seconds or null).
 */
function createLane(data, store, player, recording) {
  const items = unpacked(recording.items);
  const low = recording.low ? unpacked(recording.low) : null;
  const high = recording.high ? unpacked(recording.high) : null;
  const labels = [...new Set(Array.from(items, (item) => data.cluster[item]))].sort((a, b) => a - b);
  const numbers = labels.filter((label) => label >= 0);
  const rows = labels.length > numbers.length ? [...numbers, -1] : numbers;
  const rowHeight = Math.max(6, Math.min(20, Math.floor(LANE.rows / Math.max(1, rows.length))));
  const lane = {
    data, store, player, recording, items, low, high, rows, rowHeight,
    zoom: 1, shown: false, selected: -1, at: null, follows: true, scrolledTo: 0, parts: lanePartsOf(recording, rows, rowHeight, data),
  };
  lane.root = lane.parts.root;
  lane.show = () => {
    if (lane.shown) return;
    lane.shown = true;
    if (lane.parts.picture) lane.parts.picture.src = recording.picture;
    new ResizeObserver(() => drawLane(lane)).observe(lane.parts.scroller);
    drawLane(lane);
  };
  lane.draw = () => lane.shown && drawLane(lane);
  lane.select = (item) => {
    if (lane.selected === item) return;
    lane.selected = item;
    describeSelected(lane);
    lane.follows = true;
    if (item >= 0 && lane.shown) bringIntoSight(lane, data.start[item], data.start[item] + data.duration[item]);
    lane.draw();
  };
  lane.movePlayhead = (seconds) => {
    if (lane.at === null || seconds < lane.at) lane.follows = true; // It is played, or once more.
    lane.at = seconds;
    if (seconds !== null && lane.shown && lane.zoom > 1 && lane.follows) bringIntoSight(lane, seconds, seconds);
    placePlayhead(lane);
  };
  listenToLane(lane);
  describeSelected(lane);
  return lane;
}

/** The elements of a lane, empty as yet. */
function lanePartsOf(recording, rows, rowHeight, data) {
  const rollHeight = rows.length * rowHeight;
  const parts = {
    wave: svgElement("svg", {class: "views-wave", height: LANE.wave, "aria-hidden": "true"}),
    axis: svgElement("svg", {class: "views-axis", height: LANE.axis, "aria-hidden": "true"}),
    roll: svgElement("svg", {class: "views-roll", height: rollHeight, role: "slider", tabindex: 0,
      "aria-label": `${capital(wordsOf(data).items)} of ${recording.name}`, "aria-valuemin": 0}),
    picture: recording.picture
      ? element("img", {class: "views-picture", alt: `Spectrogram of ${recording.name}`, draggable: "false"}) : null,
    playhead: element("div", {class: "views-playhead", hidden: true}),
  };
  parts.frame = parts.picture && element("div", {class: "views-frame"}, parts.picture);
  parts.stage = element("div", {class: "views-stage"},
    recording.low ? parts.wave : null, parts.roll, parts.frame, parts.axis, parts.playhead);
  parts.wide = element("div", {class: "views-wide"}, parts.stage);
  parts.scroller = element("div", {class: "views-scroll"}, parts.wide);
  parts.out = element("button", {type: "button", class: "quiet square", "aria-label": "Zoom out"}, "−");
  parts.in = element("button", {type: "button", class: "quiet square", "aria-label": "Zoom in"}, "+");
  parts.all = element("button", {type: "button", class: "quiet", hidden: true}, "All of it");
  parts.root = element("div", {class: "views-lane"},
    element("div", {class: "views-lane-head"},
      element("h3", {class: "one-line"}, recording.name),
      element("span", {class: "muted numbers"}, lengthText(recording.duration)),
      element("div", {class: "views-zoom"}, parts.all, parts.out, parts.in)),
    recording.note ? element("p", {class: "muted"}, recording.note) : null,
    element("div", {class: "views-lane-body"}, laneGutter(recording, rows, rowHeight, data), parts.scroller));
  return parts;
}

/** What the rows are, at the left: names of labels and frequencies. */
function laneGutter(recording, rows, rowHeight, data) {
  const top = recording.low ? LANE.wave : 0;
  const height = top + rows.length * rowHeight + (recording.picture ? LANE.picture : 0) + LANE.axis;
  const gutter = svgElement("svg", {class: "views-gutter", width: 56, height, "aria-hidden": "true"});
  if (rowHeight >= 12) {
    rows.forEach((label, row) => {
      const name = data.groupOf.get(label)?.name ?? String(label);
      const short = name.length > 7 ? `${name.slice(0, 6)}…` : name;
      gutter.append(svgElement("text", {x: 48, y: top + (row + 0.5) * rowHeight, "text-anchor": "end", dy: "0.35em"}, short));
    });
  }
  if (recording.picture) {
    const bottom = top + rows.length * rowHeight + LANE.picture;
    for (const {hz, at} of recording.marks) {
      const text = hz >= 1000 ? `${hz / 1000} kHz` : `${hz} Hz`;
      gutter.append(svgElement("text", {x: 48, y: bottom - at * LANE.picture, "text-anchor": "end", dy: "0.35em"}, text));
    }
  }
  return gutter;
}

/** How many pixels a second takes, and where the left edge is, in pixels. */
function laneScale(lane) {
  const width = lane.parts.scroller.clientWidth || 1;
  const scale = (width * lane.zoom) / lane.recording.duration;
  return {width, scale, left: lane.parts.scroller.scrollLeft};
}

/** Draw what of a lane is in sight. */
function drawLane(lane) {
  const {parts, recording} = lane;
  const {width, scale, left} = laneScale(lane);
  parts.wide.style.width = `${Math.round(width * lane.zoom)}px`;
  parts.stage.style.width = `${width}px`;
  for (const part of [parts.wave, parts.roll, parts.axis]) {
    part.setAttribute("width", width);
    part.setAttribute("viewBox", `0 0 ${width} ${part.getAttribute("height")}`);
  }
  if (lane.low) drawWave(lane, width, scale, left);
  drawRoll(lane, width, scale, left);
  drawTimeAxis(lane, width, scale, left);
  if (parts.picture) {
    parts.picture.style.width = `${width * lane.zoom}px`;
    parts.picture.style.left = `${-left}px`;
  }
  // A button that is disabled would lose the focus.
  parts.out.setAttribute("aria-disabled", String(lane.zoom <= 1));
  parts.in.setAttribute("aria-disabled", String(scale >= LANE.most));
  parts.all.hidden = lane.zoom <= 1;
  placePlayhead(lane);
}

/** The outline of the waveform: a line from the least to the largest sample in each pixel. */
function drawWave(lane, width, scale, left) {
  const {low, high, recording} = lane;
  const perPixel = low.length / (scale * recording.duration);
  const y = (value) => (LANE.wave / 2) * (1 - (0.94 * value) / 127);
  let path = "";
  for (let x = 0; x < width; x++) {
    const first = Math.floor((left + x) * perPixel);
    if (first >= low.length) break;
    const last = Math.max(first + 1, Math.min(low.length, Math.floor((left + x + 1) * perPixel)));
    let least = 127;
    let most = -127;
    for (let i = first; i < last; i++) {
      least = Math.min(least, low[i]);
      most = Math.max(most, high[i]);
    }
    path += `M${x + 0.5} ${(y(most) - 0.5).toFixed(1)}V${(y(least) + 0.5).toFixed(1)}`;
  }
  const ticks = lane.data.kind === "onsets" ? onsetTicks(lane, width, scale, left) : [];
  lane.parts.wave.replaceChildren(svgElement("path", {class: "views-outline", d: path}), ...ticks);
}

/** A line through the waveform at each onset. */
function onsetTicks(lane, width, scale, left) {
  let path = "";
  for (const item of lane.items) {
    const x = lane.data.start[item] * scale - left;
    if (x >= 0 && x <= width) path += `M${x.toFixed(1)} 0V${LANE.wave}`;
  }
  return [svgElement("path", {class: "views-onsets", d: path})];
}

/** The times below a lane. */
function drawTimeAxis(lane, width, scale, left) {
  const steps = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200];
  const step = steps.find((each) => each * scale >= 72) ?? 14400;
  const digits = step >= 1 ? 0 : step >= 0.1 ? 1 : 2;
  const made = [];
  for (let i = Math.ceil(left / scale / step); i * step * scale - left <= width; i++) {
    const x = i * step * scale - left;
    const anchor = x < 16 ? "start" : x > width - 20 ? "end" : "middle";
    made.push(svgElement("path", {class: "views-tick", d: `M${x.toFixed(1)} 0v4`}),
      svgElement("text", {x: x.toFixed(1), y: 16, "text-anchor": anchor}, clockTime(i * step, digits)));
  }
  lane.parts.axis.replaceChildren(...made);
}

/** Put the line at what sounds now. */
function placePlayhead(lane) {
  const {playhead} = lane.parts;
  const {width, scale, left} = laneScale(lane);
  const x = lane.at === null ? -1 : lane.at * scale - left;
  playhead.hidden = x < 0 || x > width;
  playhead.style.transform = `translateX(${x}px)`;
}

/** Scroll to a pixel. What scrolls else is the reader, who is not followed about. */
function scrollLane(lane, left) {
  const {scroller} = lane.parts;
  scroller.scrollLeft = Math.max(0, left);
  lane.scrolledTo = scroller.scrollLeft; // There may be no room to go so far.
}

/** Draw what came into sight, and do not go after the playhead any more if the reader scrolled. */
function laneScrolled(lane) {
  if (Math.abs(lane.parts.scroller.scrollLeft - lane.scrolledTo) > 1) lane.follows = false;
  requestAnimationFrame(lane.draw);
}

/** Scroll so that a time is in sight. */
function bringIntoSight(lane, start, end) {
  const {width, scale, left} = laneScale(lane);
  if (start * scale >= left && Math.min(end, start + width / scale) * scale <= left + width) return;
  scrollLane(lane, start * scale - width / 8);
}
