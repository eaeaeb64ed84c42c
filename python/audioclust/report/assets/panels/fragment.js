// What is shown, in the address after "#", so that a view can be sent.

const FRAGMENT_WAITS = 300; // milliseconds: browsers refuse many changes in a row
const LONGEST_BASKET = 200; // items; a longer one is not in the address

/** What the address says, as changes of the store; anybody may have written it. */
function readFragment(data, text) {
  const said = new URLSearchParams(text.replace(/^#/, ""));
  const whole = (value, known) => (/^-?\d{1,9}$/.test(value ?? "") && known(Number(value)) ? Number(value) : null);
  const isItem = (item) => item >= 0 && item < data.n;
  const basket = (said.get("basket") ?? "").split(".", LONGEST_BASKET).map((value) => whole(value, isItem));
  const color = said.get("color");
  return {
    selected: whole(said.get("sound"), isItem) ?? -1,
    group: whole(said.get("group"), (number) => data.groupOf.has(number)),
    query: (said.get("query") ?? "").slice(0, 200),
    color: colorChoices(data).some(([value]) => value === color) ? color : "cluster",
    view: readView(said.get("view")),
    basket: [...new Set(basket.filter((item) => item !== null))],
  };
}

/** The map's view of three numbers, or null. */
function readView(text) {
  const numbers = (text ?? "").split(",").map((part) => (part.trim() === "" ? NaN : Number(part)));
  const [x, y, zoom] = numbers;
  const isRight = numbers.length === 3 && numbers.every((value) => Math.abs(value) < 1e9) && zoom > 0;
  return isRight ? {x, y, zoom} : null;
}

/** The state as the address says it; what is as it was at first is left out. */
function fragmentOf(state) {
  const said = new URLSearchParams();
  if (state.selected >= 0) said.set("sound", state.selected);
  if (state.group !== null) said.set("group", state.group);
  if (state.query) said.set("query", state.query);
  if (state.color !== "cluster") said.set("color", state.color);
  if (state.view) said.set("view", [state.view.x, state.view.y, state.view.zoom].map((value) => Number(value.toPrecision(5))).join(","));
  if (state.basket.length && state.basket.length <= LONGEST_BASKET) said.set("basket", state.basket.join("."));
  // Commas and colons may stand in a fragment as they are.
  return said.toString().replaceAll("%2C", ",").replaceAll("%3A", ":");
}

/** Show what the address says, now and when it changes, and write into it what is shown. */
function createFragment(data, store) {
  let waiting = 0;
  let written = "";

  function read() {
    const text = decodeHash();
    if (text === written) return;
    // A link to a place in the page, such as #table, is no state.
    if (text !== "" && !text.includes("=")) return;
    written = text;
    const {basket, ...changes} = readFragment(data, text);
    store.set(basket.length ? {...changes, basket} : changes);
  }

  function write() {
    // A page in a frame of a notebook has no address of its own, and would fill its Back button.
    if (location.protocol === "about:") return;
    const text = fragmentOf(store.state);
    if (text === written) return;
    written = text;
    try {
      history.replaceState(null, "", text ? `#${text}` : location.pathname + location.search);
    } catch {
      // Browsers differ in what they allow a page that is a file.
      location.replace(`#${text}`);
    }
  }

  read();
  addEventListener("hashchange", read);
  store.on(["selected", "group", "query", "color", "view", "basket"], () => {
    clearTimeout(waiting);
    waiting = setTimeout(write, FRAGMENT_WAITS);
  });
}

function decodeHash() {
  return location.hash.replace(/^#/, "");
}
