// The bar at the bottom of the page: what plays, and the player's controls.

/**
 * Make the bar. show({item, words, clip, sounds}) tells it what is played: the item or -1, where
 * in a queue it is, whether only a part of it is in the page, and whether it sounds now.
 */
function createPlayerBar(data, store, root, player, voice) {
  root.hidden = data.sounds.mode === "none";
  root.classList.add("player", "player-idle");
  root.setAttribute("aria-label", "Player");
  const {previous, toggle, next, mark, name, words, time, seek} = barParts(player, voice);
  setText(words, data.sounds.note || `Choose a ${wordsOf(data).item} to hear it.`);
  root.append(
    element("div", {class: "player-buttons"}, previous, toggle, next),
    element("div", {class: "player-what"}, mark, name, words),
    element("div", {class: "player-where"}, seek, time),
    volumeControl(store),
    pointingSwitch(store),
  );
  let shown = -1;
  store.on(["selected"], ({selected}) => { toggle.disabled = shown < 0 && selected < 0; });

  function show(state) {
    if (state.item < 0) return;
    for (const one of [previous, toggle, next, seek]) one.disabled = false;
    if (state.item !== shown) showItem(state.item);
    const about = state.clip ? `the loudest ${Math.round(data.sounds.clips[state.item].seconds)} s of ${lengthText(data.duration[state.item])}` : "";
    setText(words, [state.words, about].filter(Boolean).join(" · "));
    nameButton(toggle, state.sounds ? "Pause" : "Play");
    advance();
    say();
  }

  function showItem(item) {
    shown = item;
    root.classList.remove("player-idle");
    setText(name, data.names[item]);
    name.title = data.path(item);
    mark.replaceChildren(glyph(data, data.cluster[item]));
    if (navigator.mediaSession && window.MediaMetadata) {
      const album = data.groupOf.get(data.cluster[item])?.name ?? "";
      navigator.mediaSession.metadata = new MediaMetadata({title: data.names[item], album});
    }
  }

  /** Follow the sound as long as there is one. */
  let frame = 0;
  function advance() {
    cancelAnimationFrame(frame);
    const [at, length] = [voice.at(), voice.length()];
    const known = Number.isFinite(length) && length > 0;
    seek.max = known ? length : 1;
    seek.value = known ? Math.min(at, length) : 0;
    seek.style.setProperty("--player-done", known ? `${(100 * Math.min(1, at / length)).toFixed(2)}%` : "0%");
    setText(time, known ? placeIn(Math.min(at, length), length) : clock(at));
    if (voice.sounds()) frame = requestAnimationFrame(advance);
  }

  /** Say where the sound is: not with each frame, or screen readers would never stop reading. */
  function say() {
    seek.setAttribute("aria-valuetext", time.textContent.replace("/", "of"));
  }
  for (const name of ["input", "focus"]) {
    seek.addEventListener(name, () => {
      advance();
      say();
    });
  }

  return {show};
}

/** The parts of the bar that follow what is played. */
function barParts(player, voice) {
  const button = (onclick) => element("button", {type: "button", class: "player-button", disabled: true, onclick});
  const seek = element("input", {
    type: "range", class: "player-seek", min: 0, max: 1, step: "any", value: 0, disabled: true,
    "aria-label": "Position", oninput: () => voice.seek(Number(seek.value)),
  });
  return {
    seek,
    previous: nameButton(button(player.previous), "Previous"),
    toggle: nameButton(button(player.toggle), "Play"),
    next: nameButton(button(player.next), "Next"),
    mark: element("span", {class: "player-mark", "aria-hidden": "true"}),
    name: element("span", {class: "player-name", dir: "auto"}),
    words: element("span", {class: "player-words"}),
    time: element("span", {class: "player-time"}),
  };
}

/** Give a button a name and its icon, if it has another one. */
function nameButton(button, name) {
  if (button.title === name) return button;
  button.title = name;
  button.setAttribute("aria-label", name);
  button.replaceChildren(iconOf(name.toLowerCase()));
  return button;
}

function volumeControl(store) {
  const slider = element("input", {
    type: "range", min: 0, max: 1, step: 0.01, class: "player-volume",
    "aria-label": "Volume", title: "Volume", oninput: () => store.set({volume: Number(slider.value)}),
  });
  const follow = ({volume}) => {
    slider.value = volume;
    slider.style.setProperty("--player-done", `${100 * volume}%`);
    slider.setAttribute("aria-valuetext", `${Math.round(100 * volume)} %`);
  };
  store.on(["volume"], follow);
  follow(store.state);
  return element("span", {class: "player-loudness"}, iconOf("volume"), slider);
}

function pointingSwitch(store) {
  const box = element("input", {
    type: "checkbox", role: "switch", class: "player-switch",
    onchange: () => store.set({hoverPlays: box.checked}),
  });
  const follow = ({hoverPlays}) => { box.checked = hoverPlays; };
  store.on(["hoverPlays"], follow);
  follow(store.state);
  return element("label", {class: "player-pointing"}, box, "Play what I point at");
}

/** Change a text, if it is another one. */
function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** How far a sound is: 0:07 / 3:25, or with tenths if it is short: 0:00.3 / 0:00.9. */
function placeIn(at, length) {
  if (length < 10) return `${clockTime(at, 1)} / ${clockTime(length, 1)}`;
  return `${clock(at)} / ${clock(length)}`;
}

/** Seconds as 0:07, 3:25 or 1:02:03. */
function clock(seconds) {
  return Number.isFinite(seconds) ? clockTime(Math.floor(seconds + 1e-6)) : "?";
}

const ICONS = {
  play: "M7 4.5v15l12-7.5z",
  pause: "M6.5 5h4v14h-4zM13.5 5h4v14h-4z",
  previous: "M6 5h2.5v14H6zM19 5v14l-9.5-7z",
  next: "M15.5 5H18v14h-2.5zM5 5v14l9.5-7z",
  volume: "M4 9.5v5h3.5L12 19V5L7.5 9.5zM14.5 8.5a5 5 0 0 1 0 7l1.2 1.2a6.7 6.7 0 0 0 0-9.4z",
};

/** A picture in the colour of the text around it. */
function iconOf(name) {
  const path = svgElement("path", {d: ICONS[name], fill: "currentColor"});
  return svgElement("svg", {viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false"}, path);
}
