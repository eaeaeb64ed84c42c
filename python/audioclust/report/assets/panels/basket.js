// The basket: items that were put aside, to be played and taken away.

const MOST_IN_LIST = 500;

/** Make the basket. */
function createBasket(data, store, player) {
  const root = element("div", {class: "basket"});
  const offered = element("div", {class: "actions"});
  const found = createFound(data, store);
  const offer = () => offered.replaceChildren(...offers(data, store, found()));
  function show() {
    const {basket} = store.state;
    const focused = root.contains(document.activeElement) ? focusIn(root) : null;
    offer();
    root.replaceChildren(
      element("div", {class: "panel-head"}, element("p", {class: "panel-words"}, basketWords(data, basket)),
        basket.length ? element("button", {type: "button", class: "quiet", onclick: () => store.set({basket: []})}, "Remove all") : null,
        playAllButton("Play all of the basket", () => player.playAll(basket, "Basket"), {disabled: basket.length === 0})),
      basket.length ? takeAway(data, store) : "",
      offered,
      element("ol", {class: "rows"}, ...basket.slice(0, MOST_IN_LIST).map((item, place) => basketRow(data, store, player, item, place))),
      ...moreWords(basket.length));
    if (focused) focusAgain(root, focused);
  }
  store.on(["basket"], show);
  store.on(["collected", "collectedBy", "matches"], offer); // A lens collects anew with each move.
  show();
  return root;
}

function basketWords(data, basket) {
  const {item, items} = wordsOf(data);
  if (basket.length === 0) return `The basket is empty. Put ${items} into it to play them together or to take their list away.`;
  return `${counted(basket.length, item, items)}, ${lengthText(totalLength(data, basket))}`;
}

/** How many items a list leaves out, in words. */
function moreWords(n) {
  const left = n - MOST_IN_LIST;
  return left > 0 ? [element("p", {class: "muted panel-words"}, `and ${left.toLocaleString("en")} more`)] : [];
}

/** A function that gives what a search leaves, in the order of the page; it looks once for each search. */
function createFound(data, store) {
  let [searched, found] = [null, []];
  return () => {
    const {matches} = store.state;
    if (matches !== searched) found = matches === null ? [] : Array.from(data.order).filter((one) => matches[one]);
    searched = matches;
    return found;
  };
}

/** Where what is collected is, in words. */
const COLLECTED_WORDS = {lasso: "inside the lasso", lens: "inside the lens", unit: "of the unit"};

/** Buttons that put many items in at once, which are not in yet: what was collected, and what is found. */
function offers(data, store, found) {
  const {basket, collected, collectedBy} = store.state;
  const {item, items} = wordsOf(data);
  const has = new Set(basket);
  const isNew = (chosen) => chosen.some((one) => !has.has(one));
  const add = (chosen, words) => element("button", {
    type: "button", onclick: () => store.set({basket: [...new Set([...store.state.basket, ...chosen])]}),
  }, icon("add"), `${counted(chosen.length, item, items)} ${words}`);
  return [
    isNew(collected) ? add(collected, COLLECTED_WORDS[collectedBy]) : null,
    found.length < data.n && isNew(found) ? add(found, "that are shown") : null,
  ].filter((button) => button !== null);
}

/** An item in the basket, with buttons that move it and take it out. */
function basketRow(data, store, player, item, place) {
  const name = itemTitle(data, item);
  const {basket} = store.state;
  const move = (by) => {
    const moved = basket.filter((one) => one !== item);
    moved.splice(place + by, 0, item);
    store.set({basket: moved});
  };
  return itemRow(data, store, player, item,
    iconButton("up", `Move ${name} up`, () => move(-1), {disabled: place === 0, "data-action": "up"}),
    iconButton("down", `Move ${name} down`, () => move(1), {disabled: place === basket.length - 1, "data-action": "down"}),
    iconButton("remove", `Take ${name} out`, () => store.set({basket: basket.filter((one) => one !== item)}), {"data-action": "remove"}));
}

/** Buttons that save the basket as a file. */
function takeAway(data, store) {
  const save = (words, name, type, text) => element("button", {
    type: "button", onclick: () => {
      download(name, type, text(data, store.state.basket, document.baseURI));
      const about = aboutPaths(data, document.baseURI);
      if (about) tell(store, about);
    },
  }, words);
  return element("div", {class: "actions", role: "group", "aria-label": "Save the basket"},
    element("span", {class: "muted"}, "Save as"),
    save("M3U8", "basket.m3u8", "audio/x-mpegurl", playlistText),
    save("CSV", "basket.csv", "text/csv", csvText),
    save("Paths", "basket.txt", "text/plain", pathsText));
}

/** What has the focus in the list, which is about to be made again. */
function focusIn(root) {
  const {activeElement} = document;
  const row = activeElement.closest(".row");
  return {item: row?.dataset.item, action: activeElement.dataset.action, place: row ? [...root.querySelectorAll(".row")].indexOf(row) : -1};
}

/** Give the focus to the same button of the same item, or to what took its place. */
function focusAgain(root, {item, action, place}) {
  const rows = [...root.querySelectorAll(".row")];
  const row = rows.find((one) => one.dataset.item === item) ?? rows[Math.min(place, rows.length - 1)];
  const wanted = row?.querySelector(`[data-action="${action}"]`);
  const button = wanted && !wanted.disabled ? wanted : row?.querySelector("[data-action=remove]");
  (button ?? root.closest("[role=tabpanel]"))?.focus();
}
