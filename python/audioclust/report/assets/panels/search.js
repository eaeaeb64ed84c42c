// The search, and what it and a chosen group leave.

const SEARCH_WAITS = 150; // milliseconds after a key, so that typing is not held up

/** Add the search to the tools: what is typed dims the rest on the map and shortens the table. */
function createSearch(data, store, root) {
  const words = wordsOf(data);
  const field = element("input", {
    type: "search", id: "search", placeholder: `Names, folders, ${words.groups}`, autocomplete: "off", spellcheck: "false", maxlength: 200,
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
  const count = element("p", {id: "count", class: "muted numbers", role: "status", tabindex: -1});
  const all = element("button", {type: "button", onclick: () => store.set({group: null})});
  const found = element("div", {class: "found"}, count, all);
  root.append(
    element("form", {role: "search", class: "search", onsubmit: choose}, labelled("Search", field)),
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
  /** Search at once, and select the first of what is found. */
  function choose(event) {
    event.preventDefault();
    clearTimeout(waiting);
    told = field.value;
    store.set({query: told});
    const {matches} = store.state;
    const first = matches === null ? undefined : data.order.find((item) => matches[item]);
    if (first !== undefined) store.set({selected: first});
  }
  function show() {
    const {matches, group} = store.state;
    count.textContent = matches === null
      ? counted(data.n, words.item, words.items)
      : `${matches.reduce((sum, one) => sum + one, 0).toLocaleString("en")} of ${counted(data.n, words.item, words.items)}`;
    found.classList.toggle("is-idle", matches === null);
    if (group === null && document.activeElement === all) count.focus(); // What is hidden loses it.
    all.hidden = group === null;
    if (group === null) return;
    const name = `Only ${groupName(data, group)}`;
    all.setAttribute("aria-label", `${name}: show all`);
    all.replaceChildren(icon("remove"), name);
  }
  show();
}

/**
 * A function that gives an item's folder and name, and its group's name and words, as they are
 * searched. The bare number of a group is left out: it would be found in every name with a digit.
 */
function searchable(data) {
  const names = [];
  const folders = data.sounds.folders.map((folder) => folded(folder.name));
  const groups = new Map(data.groups.map((group) => [
    group.number, folded(`${hasBareNumber(data, group.number) ? "" : group.name}\n${group.words}`),
  ]));
  return (item) => [
    folders[data.folder[item]] ?? "", "/", names[item] ??= folded(data.names[item]), "\n", groups.get(data.cluster[item]) ?? "",
  ].join("");
}

/** Whether a group has no name but its number. */
function hasBareNumber(data, number) {
  return data.groupOf.get(number)?.name === String(number);
}

/** What is searched for: words, and the number of the group in "group 3", if that has no name. */
function searchedFor(data, query) {
  let number = null;
  const rest = folded(query).replace(new RegExp(`(^|\\s)${wordsOf(data).group} (\\d+)(?=\\s|$)`), (all, before, digits) => {
    if (!hasBareNumber(data, Number(digits))) return all;
    number = Number(digits);
    return before;
  });
  return {words: rest.split(/\s+/).filter((word) => word !== ""), number};
}

/** Tell for each item with 1 or 0 whether it has all words and is in the group; null for all. */
function matching(data, textOf, query, group) {
  const {words, number} = searchedFor(data, query);
  if (words.length === 0 && number === null && group === null) return null;
  const matches = new Uint8Array(data.n);
  for (let item = 0; item < data.n; item++) {
    if (group !== null && data.cluster[item] !== group) continue;
    if (number !== null && data.cluster[item] !== number) continue;
    if (words.length) {
      const text = textOf(item);
      if (!words.every((word) => text.includes(word))) continue;
    }
    matches[item] = 1;
  }
  return matches;
}
