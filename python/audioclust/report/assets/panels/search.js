// The search, and what it and a chosen group leave.

const SEARCH_WAITS = 150; // milliseconds after a key, so that typing is not held up

/** Add the search to the tools: what is typed dims the rest on the map and shortens the table. */
function createSearch(data, store, root) {
  const words = wordsOf(data);
  const field = element("input", {
    type: "search", id: "search", placeholder: "Search names and folders", autocomplete: "off", spellcheck: "false", maxlength: 200,
    oninput: () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        told = field.value;
        store.set({query: told});
      }, SEARCH_WAITS);
    },
  });
  let waiting = 0;
  let told = ""; // What was searched for last: the field may be further by now.
  const count = element("p", {id: "count", class: "muted numbers", role: "status"});
  const all = element("button", {type: "button", onclick: () => store.set({group: null})});
  const found = element("div", {class: "found"}, count, all);
  root.append(
    element("form", {role: "search", class: "search", onsubmit: (event) => event.preventDefault()}, labelled("Search", field)),
    found,
  );
  const textOf = searchable(data);
  store.on(["query", "group"], ({query, group}) => {
    if (query !== told) {
      clearTimeout(waiting);
      field.value = told = query;
    }
    store.set({matches: matching(data, textOf, query, group)});
    show();
  });
  function show() {
    const {matches, group} = store.state;
    count.textContent = matches === null
      ? counted(data.n, words.item, words.items)
      : `${matches.reduce((sum, one) => sum + one, 0).toLocaleString("en")} of ${counted(data.n, words.item, words.items)}`;
    found.classList.toggle("is-idle", matches === null);
    all.hidden = group === null;
    if (group === null) return;
    const name = `Only ${groupName(data, group)}`;
    all.setAttribute("aria-label", `${name}: show all`);
    all.replaceChildren(icon("remove"), name);
  }
  show();
}

/** A function that gives an item's folder and name as they are searched. */
function searchable(data) {
  const names = [];
  const folders = data.sounds.folders.map((folder) => folded(folder.name));
  return (item) => `${folders[data.folder[item]] ?? ""}/${names[item] ??= folded(data.names[item])}`;
}

/** Tell for each item with 1 or 0 whether it has all words and is in the group; null for all. */
function matching(data, textOf, query, group) {
  const words = folded(query).split(/\s+/).filter((word) => word !== "");
  if (words.length === 0 && group === null) return null;
  const matches = new Uint8Array(data.n);
  for (let item = 0; item < data.n; item++) {
    if (group !== null && data.cluster[item] !== group) continue;
    if (words.length) {
      const text = textOf(item);
      if (!words.every((word) => text.includes(word))) continue;
    }
    matches[item] = 1;
  }
  return matches;
}
