// What the page is showing: one object, and who wants to know when it changes.

/**
 * The state of the page. Parts of the page read it, change it by set(), and draw again when
 * they are told of a change. None of them calls another.
 *
 * selected: the item that is chosen, or -1. hovered: the item under the pointer, or -1.
 * group: the number of the cluster that alone is shown, or null. query: what is searched for.
 * matches: Uint8Array with 1 for each item that the query and the group leave, or null for all.
 * color: "cluster", "folder", "duration", or "feature:NAME". view: {x, y, zoom} of the map, or
 * null for all of it. tool: "pan", "lasso" or "lens". collected: items inside the lasso or the lens, or
 * of the unit that was chosen; collectedBy: "lasso", "lens" or "unit", which of these.
 * hoverPlays: whether pointing plays. theme: "auto", "light" or "dark". volume: 0 to 1.
 * basket: items that were put aside. playing: the item that sounds, or -1. queue: items that
 * will be played next. message: what the user is told, in words.
 */
function createStore() {
  const listeners = [];
  const store = {
    state: {
      selected: -1, hovered: -1, group: null, query: "", matches: null, color: "cluster",
      view: null, tool: "pan", collected: [], collectedBy: "lasso", hoverPlays: false, theme: "auto", volume: 1,
      basket: [], playing: -1, queue: [], message: "",
    },
    /** Change parts of the state, and tell who listens to one of them. */
    set(changes) {
      const changed = Object.keys(changes).filter((key) => store.state[key] !== changes[key]);
      if (changed.length === 0) return;
      Object.assign(store.state, changes);
      for (const {keys, listener} of listeners) {
        if (changed.some((key) => keys.includes(key))) listener(store.state, changed);
      }
    },
    /** Call a function with the state whenever one of the keys changes. */
    on(keys, listener) {
      listeners.push({keys, listener});
    },
  };
  return store;
}

/** Make an element with attributes, listeners (onclick and the like) and children. */
function element(tag, attributes = {}, ...children) {
  return furnished(document.createElement(tag), attributes, children);
}

/** Make an element of SVG in the same way. */
function svgElement(tag, attributes = {}, ...children) {
  return furnished(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

/** Give an element its attributes, listeners and children; what is null or undefined is left out. */
function furnished(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  // Names and tags are anybody's text: append() takes strings as text, never as markup.
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}
