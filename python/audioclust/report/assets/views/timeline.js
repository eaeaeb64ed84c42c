// Recordings over time: all lanes, their legend and their tools. A lane is in lane.js.

/** All recordings over time, one below the other. */
function createTimeline(data, store, player, view) {
  const one = view.recordings.length === 1;
  const section = viewSection("timeline", one ? "The recording over time" : "The recordings over time");
  section.append(
    element("p", {class: "views-hint muted"},
      `Click a ${wordsOf(data).item} to play it. With the keyboard: left and right go from one to the next, up and ` +
      "down to the next of the same name, Enter plays, + and − zoom."),
    timelineLegend(data, store));
  if (view.clicks) section.append(clicksPlayer(store, player, view.clicks));
  const lanes = view.recordings.map((recording) => createLane(data, store, player, recording));
  const laneOf = new Map();
  for (const lane of lanes) for (const item of lane.items) laneOf.set(item, lane);
  section.append(...lanes.map((lane) => lane.root));
  drawWhenSeen(lanes);
  window.addEventListener("beforeprint", () => lanes.forEach((lane) => lane.show()));
  followPlayer(store, player, laneOf);
  store.on(["selected"], (state) => {
    for (const lane of lanes) lane.select(laneOf.get(state.selected) === lane ? state.selected : -1);
  });
  // Colours of a new theme are known in the next frame only.
  const redraw = () => requestAnimationFrame(() => lanes.forEach((lane) => lane.draw()));
  store.on(["matches", "group", "theme"], redraw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  return section;
}

/** Move the playhead with what sounds. */
function followPlayer(store, player, laneOf) {
  let lane = null;
  let frame = 0;
  function follow() {
    const now = player.position();
    const next = (now && laneOf.get(now.item)) ?? null;
    if (lane !== next) lane?.movePlayhead(null);
    lane = next;
    lane?.movePlayhead(now.seconds);
    frame = lane ? requestAnimationFrame(follow) : 0;
  }
  store.on(["playing"], () => {
    if (!frame) follow();
  });
}

/** The recording with clicks on it, which plays by itself: it is no item of the page. */
function clicksPlayer(store, player, source) {
  const sound = element("audio", {controls: true, preload: "none", src: source,
    "aria-label": "The recording with a click at each hit", onplay: () => player.stop()});
  store.on(["playing"], ({playing}) => {
    if (playing >= 0) sound.pause();
  });
  store.on(["volume"], ({volume}) => {
    sound.volume = volume;
  });
  sound.volume = store.state.volume;
  return element("p", {class: "views-clicks"}, sound,
    element("span", {class: "muted"}, "With a click at each hit, each group at a pitch of its own."));
}

/** Draw lanes when they come near the screen: there may be many. */
function drawWhenSeen(lanes) {
  const byElement = new Map(lanes.map((lane) => [lane.root, lane]));
  const observer = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      observer.unobserve(entry.target);
      byElement.get(entry.target).show();
    }
  }, {rootMargin: "600px"});
  for (const lane of lanes) observer.observe(lane.root);
}

/** The labels with how long they last together; a click shows one alone. */
function timelineLegend(data, store) {
  const total = totalLength(data, data.order) || 1;
  const isShare = data.kind === "segmentation";
  const last = (group) => (group.number < 0 ? Infinity : group.number);
  const entries = [...data.groups].sort((a, b) => last(a) - last(b)).map((group) => {
    const seconds = totalLength(data, group.items);
    const words = isShare
      ? `${lengthText(seconds)}, ${Math.round((100 * seconds) / total)} %`
      : counted(group.items.length, wordsOf(data).item, wordsOf(data).items);
    const button = element("button", {
      type: "button", class: "views-label", "aria-pressed": "false",
      onclick: () => store.set({group: store.state.group === group.number ? null : group.number}),
    }, glyph(data, group.number), element("span", {class: "views-name"}, groupName(data, group.number)),
    element("span", {class: "views-amount numbers"}, words));
    return [group.number, button];
  });
  store.on(["group"], (state) => {
    for (const [number, button] of entries) button.setAttribute("aria-pressed", String(state.group === number));
  });
  return element("div", {class: "views-legend", role: "group", "aria-label": "Show one alone"},
    ...entries.map(([, button]) => button));
}
