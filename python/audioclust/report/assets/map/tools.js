// Buttons on the map, what it says of one item, and what can be done with many.

/** Icons: paths in a square of 20 by 20. */
const MAP_ICONS = {
  in: "M10 4v12M4 10h12",
  out: "M4 10h12",
  whole: "M4 8V4h4M12 4h4v4M16 12v4h-4M8 16H4v-4",
  pan: "M10 3v14M3 10h14M10 3l-2 2M10 3l2 2M10 17l-2-2M10 17l2-2M3 10l2-2M3 10l2 2M17 10l-2-2M17 10l-2 2",
  lasso: "M7 13C4 12 2 10.500 2 8.500C2 5.500 5.500 3 10 3s8 2.500 8 5.500S14.500 14 10 14c-1 0-2 0-3-1a2 2 0 1 0-1 3q2 0 2 1.500",
  lens: "M3 10a7 7 0 1 0 14 0a7 7 0 1 0-14 0M10 9.500v1",
};

function mapButton(icon, label, onclick) {
  const drawn = svgElement("path", {d: MAP_ICONS[icon], fill: "none", stroke: "currentColor", "stroke-width": 1.6, "stroke-linecap": "round", "stroke-linejoin": "round"});
  const svg = svgElement("svg", {width: 20, height: 20, viewBox: "0 0 20 20", "aria-hidden": "true", focusable: "false"}, drawn);
  return element("button", {type: "button", class: "square map-button", "aria-label": label, title: label, onclick}, svg);
}

/** The buttons that zoom and choose what the pointer does. They return their element. */
function createMapTools(map) {
  const {store} = map;
  const zoom = element("div", {class: "map-group", role: "group", "aria-label": "Zoom of the map"},
    mapButton("in", "Zoom in (+)", () => map.zoomBy(2)),
    mapButton("out", "Zoom out (−)", () => map.zoomBy(0.5)),
    mapButton("whole", "Whole map (0)", () => map.glide({x: 0, y: 0, zoom: 1})));
  const choices = {
    pan: mapButton("pan", "Move the map (P)", () => store.set({tool: "pan"})),
    lasso: mapButton("lasso", "Lasso: draw around sounds (L)", () => store.set({tool: "lasso"})),
    lens: mapButton("lens", "Lens: a circle that collects sounds (O)", () => store.set({tool: "lens"})),
  };
  const tools = element("div", {class: "map-group", role: "group", "aria-label": "What dragging does"},
    ...Object.values(choices));
  const show = () => {
    for (const [name, button] of Object.entries(choices)) {
      button.setAttribute("aria-pressed", String(store.state.tool === name));
    }
  };
  store.on(["tool"], show);
  show();
  return element("div", {class: "map-tools"}, zoom, tools);
}

/** What can be done with what was collected. It returns its element. */
function createMapBar(map) {
  const {data, store, player} = map;
  const play = element("button", {type: "button", onclick: () => player.playAll(store.state.collected, map.collector.name())});
  const bar = element("div", {class: "map-bar", role: "group", "aria-label": "Sounds inside", hidden: true},
    play,
    element("button", {type: "button", onclick: () => addToBasket(store, store.state.collected)}, "Add to basket"),
    element("button", {type: "button", onclick: () => { map.collector.clear(); map.focus(); }}, "Clear"));
  store.on(["collected"], ({collected}) => {
    bar.hidden = collected.length === 0;
    play.textContent = `Play ${itemsWords(data, collected.length)}`;
  });
  return bar;
}

/** Put items into the basket that are not in it. */
function addToBasket(store, items) {
  const has = new Set(store.state.basket);
  const added = items.filter((item) => !has.has(item));
  if (added.length) store.set({basket: [...store.state.basket, ...added]});
}

/** A number of items in words: "1 sound", "38 hits". */
function itemsWords(data, n) {
  const {item, items} = wordsOf(data);
  return counted(n, item, items);
}

/** An item's name, its group and its length. */
function itemWords(data, item) {
  const length = data.duration[item];
  const words = [data.names[item], groupName(data, data.cluster[item])];
  return Number.isFinite(length) ? [...words, lengthText(length)] : words;
}

/**
 * The small text beside one item: the one that is pointed at, or to which keys or a finger went on
 * the map, or that sounds. It hides what is below it, so it goes when none is. It returns
 * {box, show()}.
 */
function createTip(map) {
  const {data, store, view} = map;
  const name = element("bdi", {class: "map-tip-name"});
  const more = element("span", {class: "map-tip-more"});
  const box = element("div", {class: "map-tip", "aria-hidden": "true", hidden: true}, name, more);
  let shown = -1;

  function show() {
    const {hovered, selected, playing} = store.state;
    const item = hovered >= 0 ? hovered : map.isWalked && selected >= 0 ? selected : playing;
    const [x, y] = item < 0 ? [NaN, NaN] : [view.toX(view.u[item]), view.toY(view.v[item])];
    box.hidden = !(x >= 0 && x <= view.width && y >= 0 && y <= view.height);
    if (box.hidden) return;
    if (item !== shown) {
      const [first, ...rest] = itemWords(data, item);
      name.textContent = first;
      more.textContent = rest.join(" · ");
      shown = item;
    }
    const [width, height] = [box.offsetWidth, box.offsetHeight];
    const gap = 1.5 * Math.max(3.5, radiusOf(view, data.n)) + 12;
    const left = Math.max(4, Math.min(view.width - width - 4, x - width / 2));
    const top = y - gap - height >= 4 ? y - gap - height : y + gap;
    box.style.transform = `translate(${Math.round(left)}px, ${Math.round(top)}px)`;
  }

  return {box, show};
}
