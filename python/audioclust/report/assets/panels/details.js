// The sound that is selected: what it is, what is like it, and what was measured.

/** Make the card of the selected item. */
function createCard(data, store, player) {
  const card = element("div", {class: "card", "aria-live": "off"});
  function show() {
    const item = store.state.selected;
    if (item < 0) {
      const {item: one} = wordsOf(data);
      card.replaceChildren(element("p", {class: "muted"}, `No ${one} is selected yet: click one to hear it.`));
      return;
    }
    // The path is in the title too, since a long one is cut.
    card.replaceChildren(
      element("h2", {class: "card-name"}, data.names[item]),
      element("p", {class: "muted card-facts"}, glyph(data, data.cluster[item]),
        `${groupName(data, data.cluster[item])} · ${itemLength(data, item)}`),
      element("p", {class: "muted one-line", title: data.path(item)}, data.path(item)),
      element("div", {class: "actions"},
        element("button", {type: "button", onclick: () => player.play(item)}, icon("play"), "Play"),
        basketToggle(store, item),
        element("button", {type: "button", onclick: () => copyPath(data, store, item)}, "Copy path")));
  }
  store.on(["selected"], show);
  store.on(["basket"], () => {
    const toggle = card.querySelector(".basket-toggle");
    toggle?.replaceWith(keepingFocus(toggle, basketToggle(store, store.state.selected)));
  });
  show();
  return card;
}

/** How long an item is, and where it begins in its file if that is not at its beginning. */
function itemLength(data, item) {
  const start = data.start[item];
  const length = Number.isFinite(data.duration[item]) ? lengthText(data.duration[item]) : "length not known";
  return hasParts(data) ? `${length} from ${placeText(start)}` : length;
}

/** A button that puts an item into the basket, or takes it out. */
function basketToggle(store, item) {
  const isIn = store.state.basket.includes(item);
  return element("button", {
    type: "button", class: "basket-toggle", "aria-pressed": String(isIn),
    onclick: () => {
      const {basket} = store.state;
      store.set({basket: basket.includes(item) ? basket.filter((one) => one !== item) : [...basket, item]});
    },
  }, icon(isIn ? "remove" : "add"), isIn ? "In basket" : "Basket");
}

/** Give an element the focus that the one has whose place it takes, as soon as it is there. */
function keepingFocus(old, fresh) {
  if (document.activeElement === old) queueMicrotask(() => fresh.focus());
  return fresh;
}

/** Copy the path of an item's file, or say that the browser refuses. */
async function copyPath(data, store, item) {
  const path = openPath(data, item, document.baseURI);
  try {
    await navigator.clipboard.writeText(path);
    tell(store, `The path is copied. ${aboutPaths(data, document.baseURI)}`.trim());
  } catch {
    tell(store, `The browser does not let the page copy. The path is ${path}`);
  }
}

/** Make the list of what is most like the selected item. */
function createAlike(data, store, player) {
  const root = element("div");
  function show() {
    const item = store.state.selected;
    const {item: one, items: many} = wordsOf(data);
    const hadFocus = root.contains(document.activeElement);
    const alike = item < 0 ? [] : data.neighborsOf(item);
    if (alike.length === 0) {
      const why = item < 0 ? `Select a ${one}, and what sounds most like it is listed here.` : `No other ${one} is known to be like this one.`;
      root.replaceChildren(element("p", {class: "muted panel-words"}, why));
      if (hadFocus) root.closest("[role=tabpanel]").focus();
      return;
    }
    root.replaceChildren(
      element("div", {class: "panel-head"},
        element("p", {class: "panel-words"}, `The ${many} nearest to ${itemTitle(data, item)}, nearest first.`),
        playAllButton("Play all like this", () => player.playAll([item, ...alike], `like ${data.names[item]}`))),
      element("ol", {class: "rows alike"}, ...alike.map((other) => itemRow(data, store, player, other))));
    // Who goes from sound to sound by keys goes on with the nearest one.
    if (hadFocus) root.querySelector(".link").focus();
  }
  store.on(["selected"], show);
  show();
  return root;
}

/** An item in a list: a button that plays it, and its name, which selects and plays it. */
function itemRow(data, store, player, item, ...more) {
  return element("li", {class: "row", "data-item": item},
    iconButton("play", `Play ${itemTitle(data, item)}`, () => player.play(item)),
    glyph(data, data.cluster[item]),
    element("button", {
      type: "button", class: "link", title: data.path(item),
      onclick: () => { store.set({selected: item}); player.play(item); },
    }, element("span", {class: "one-line"}, itemTitle(data, item))),
    ...more);
}

/**
 * Make the table of what was measured of the selected item: {content, shown}. It is made when it
 * is looked at, since it takes all columns.
 */
function createMeasured(data, store) {
  const root = element("div");
  let ranges = null; // Columns are unpacked when they are first looked at.
  function show() {
    const item = store.state.selected;
    if (item < 0) {
      root.replaceChildren(element("p", {class: "muted panel-words"},
        `Select a ${wordsOf(data).item}, and what was measured of it is listed here.`));
      return;
    }
    ranges ??= data.features.map((feature) => rangeOf(feature.values));
    const lines = data.features.map((feature, place) => element("tr", {},
      element("th", {scope: "row", title: feature.name}, capital(featureTitle(feature))),
      element("td", {class: "number"}, featureText(feature, feature.values[item])),
      element("td", {class: "scale-cell", "aria-hidden": "true"}, feature.names ? "" : scaleDrawing(feature.values[item], ranges[place]))));
    const {items} = wordsOf(data);
    const ranked = data.features.some((feature) => feature.more) ? ` Per cents are of all other ${items}.` : "";
    root.replaceChildren(
      element("p", {class: "panel-words"}, `The dot shows where it lies between the least and the largest of all.${ranked}`),
      element("table", {class: "measured", "aria-label": `Measured of ${data.names[item]}`}, element("tbody", {}, ...lines)));
  }
  store.on(["selected"], () => {
    if (root.checkVisibility()) show();
  });
  return {content: root, shown: show};
}

/** The least and the largest value that are defined. */
function rangeOf(values) {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

/** A line with a dot where a value lies; without a dot if it is not defined. */
function scaleDrawing(value, [low, high]) {
  const x = high > low ? 4 + 64 * (value - low) / (high - low) : 36;
  return svgElement("svg", {viewBox: "0 0 72 12", width: 72, height: 12, class: "scale"},
    svgElement("path", {d: "M4 6h64"}),
    Number.isFinite(value) ? svgElement("circle", {cx: x, cy: 6, r: 3.5}) : null);
}
