// All items as a table, the map's twin for who reads it or hears it read.

/** Make the table of all items in an element. */
function createTable(data, store, player, root) {
  const words = wordsOf(data);
  // One recording is read from its beginning; all else group by group.
  const state = {column: isOneRecording(data) ? "start" : "group", down: false, feature: usualFeature(data)};
  const columns = tableColumns(data, state);
  const body = element("tbody");
  const heads = element("tr", {"aria-rowindex": 1});
  const table = element("table", {
    role: "grid", tabindex: 0, class: `all ${tableClass(data)}`, "aria-label": `All ${words.items}`, "aria-colcount": columns.length,
  }, element("thead", {}, heads), body);
  const note = element("p", {class: "muted only-print"});
  const nothing = element("p", {class: "muted none-left"}, `No ${words.item} matches.`);
  const box = element("div", {class: "all-box"}, table, nothing);
  const rows = createRows(data, store, columns, {box, body, table, note, nothing});

  function sort() {
    drawHeads(heads, columns, state, (column) => {
      state.down = state.column === column && !state.down;
      state.column = column;
      sort();
    });
    const column = state.column === "feature" ? `feature:${state.feature?.name}` : state.column;
    rows.setOrder(sorted(data, column, state.down));
  }

  root.append(tableHead(data, state, sort, () => player.playAll(rows.items(), "Table")), box, note);
  table.addEventListener("keydown", (event) => tableKey(event, rows, store, player));
  body.addEventListener("click", (event) => {
    const item = rows.itemOf(event.target.closest("tr"));
    if (item === null) return;
    store.set({selected: item});
    player.play(item);
  });
  sort();
}

/** The feature that the table has at first: one that all items have, besides their length. */
function usualFeature(data) {
  const others = data.features.filter((feature) => feature.name !== "duration");
  return others.find((feature) => feature.values.every(Number.isFinite)) ?? others[0] ?? null;
}

/** What kind of items the table has: parts of one recording, parts of several, or files. */
function tableClass(data) {
  if (!hasParts(data)) return "all-files";
  return isOneRecording(data) ? "all-parts" : "all-named-parts";
}

/** The columns: key, class, head and what a cell has. */
function tableColumns(data, state) {
  const {group} = wordsOf(data);
  const columns = [
    // One recording has one name and one folder, which its rows need not repeat.
    !isOneRecording(data) && {key: "name", head: () => "Name", cell: (item) => data.names[item]},
    hasParts(data) && {key: "start", number: true, head: () => "Start", cell: (item) => placeText(data.start[item])},
    data.kind === "segmentation" && {
      key: "end", number: true, head: () => "End", cell: (item) => placeText(data.start[item] + data.duration[item]),
    },
    {key: "group", head: () => capital(group), cell: (item) => [
      glyph(data, data.cluster[item]),
      element("span", {class: "one-line"}, groupName(data, data.cluster[item])),
    ]},
    {key: "duration", number: true, head: () => "Length", cell: (item) => lengthText(data.duration[item])},
  ].filter((column) => column);
  if (state.feature) {
    columns.push({
      key: "feature", number: true, head: () => capital(state.feature.more ? rankWords(state.feature) : featureTitle(state.feature)),
      cell: (item) => valueText(state.feature.values[item], state.feature.unit, state.feature.names),
    });
  }
  if (!isOneRecording(data)) columns.push({key: "folder", head: () => "Folder", cell: (item) => data.folderName(item)});
  return columns;
}

/** What stands above the table: its heading, a button that plays it, and which feature it has. */
function tableHead(data, state, changed, playAll) {
  const {items} = wordsOf(data);
  const head = element("div", {class: "table-head"},
    element("h2", {}, `All ${items}`), playAllButton(`Play all ${items} of the table`, playAll));
  if (state.feature) {
    const options = data.features.map((feature) =>
      element("option", {value: feature.name, selected: feature === state.feature}, capital(featureTitle(feature))));
    const select = element("select", {
      id: "column", onchange: () => {
        state.feature = data.features[select.selectedIndex];
        state.column = "feature";
        state.down = true;
        changed();
      },
    }, ...options);
    head.append(element("label", {class: "field-beside"}, element("span", {class: "muted"}, "Column"), select));
  }
  return head;
}

/** Draw the heads of the columns; each is a button that sorts. */
function drawHeads(row, columns, state, sortBy) {
  const focused = row.contains(document.activeElement) ? document.activeElement.dataset.column : null;
  row.replaceChildren(...columns.map((column) => {
    const isSorted = state.column === column.key;
    const button = element("button", {
      type: "button", class: "quiet", "data-column": column.key, onclick: () => sortBy(column.key),
    }, element("span", {class: "one-line", title: column.head()}, column.head()), isSorted ? icon(state.down ? "down" : "up") : null);
    return element("th", {
      scope: "col", class: `col-${column.key}${column.number ? " number" : ""}`,
      "aria-sort": isSorted ? (state.down ? "descending" : "ascending") : null,
    }, button);
  }));
  if (focused) row.querySelector(`[data-column="${focused}"]`)?.focus();
}

/** The rows of the table: all items in an order, without those that a search leaves out. */
function createRows(data, store, columns, {box, body, table, note, nothing}) {
  let order = new Uint32Array(0);
  let shown = order;
  const placeOf = new Int32Array(data.n);
  const {draw, bring, page} = createSeenRows(box, body, {
    count: () => shown.length,
    make: (place) => tableRow(store.state, columns, shown[place], place),
    made() {
      const id = `row-${store.state.selected}`;
      if (document.getElementById(id)) table.setAttribute("aria-activedescendant", id);
      else table.removeAttribute("aria-activedescendant");
    },
  });

  function filter() {
    const {matches} = store.state;
    shown = matches === null ? order : order.filter((item) => matches[item]);
    placeOf.fill(-1);
    shown.forEach((item, place) => { placeOf[item] = place; });
    table.setAttribute("aria-rowcount", shown.length + 1);
    note.textContent = shown.length > PRINTED_ROWS ? `The first ${PRINTED_ROWS} of ${shown.length.toLocaleString("en")}.` : "";
    nothing.hidden = shown.length > 0;
  }

  /** Bring the selected row into view; the page itself does not move. */
  function follow() {
    const place = placeOf[store.state.selected] ?? -1;
    if (place >= 0) bring(place);
    else draw();
  }

  store.on(["matches"], () => {
    filter();
    draw();
  });
  store.on(["selected"], follow);
  store.on(["playing"], draw);
  return {
    setOrder(items) {
      order = items;
      box.scrollTop = 0;
      filter();
      follow();
    },
    /** All items that the table has now, in its order. */
    items: () => Array.from(shown),
    /** The item of a row, or null. */
    itemOf: (line) => (line?.dataset.place === undefined ? null : shown[line.dataset.place]),
    /** The item so many rows further, from the first or to the last at most; null if none. */
    itemAfter(item, rows) {
      if (shown.length === 0) return null;
      return shown[Math.min(shown.length - 1, Math.max(0, (placeOf[item] ?? -1) + rows))];
    },
    page,
  };
}

/** The row of an item. */
function tableRow({selected, playing}, columns, item, place) {
  return element("tr", {
    id: `row-${item}`, "aria-rowindex": place + 2, "aria-selected": String(item === selected),
    class: item === playing ? "is-playing" : null, "data-place": place,
  }, ...columns.map((column) => element("td", {
    class: `col-${column.key}${column.number ? " number" : ""}`,
  }, ...[column.cell(item)].flat())));
}

/** Keys of the table: up and down, a page, the ends; Enter or the space bar plays. */
function tableKey(event, rows, store, player) {
  if (event.target.closest("button") || event.ctrlKey || event.altKey || event.metaKey) return;
  const {selected} = store.state;
  if (event.key === "Enter" || event.key === " ") {
    if (selected >= 0) player.play(selected);
  } else {
    const steps = {
      ArrowDown: 1, ArrowUp: -1, PageDown: rows.page(), PageUp: -rows.page(), Home: -Infinity, End: Infinity,
    };
    if (!Object.hasOwn(steps, event.key)) return;
    const item = rows.itemAfter(selected, steps[event.key]);
    if (item !== null) store.set({selected: item});
  }
  event.preventDefault();
  event.stopPropagation();
}
