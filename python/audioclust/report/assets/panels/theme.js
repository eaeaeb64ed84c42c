// Light or dark, and what the browser keeps for the next time: the theme and the volume.

const THEMES = {auto: "System", light: "Light", dark: "Dark"};

/** What was kept under a name, or null. A browser may refuse to keep anything. */
function keptValue(name) {
  try {
    return localStorage.getItem(`audioclust.${name}`);
  } catch {
    return null;
  }
}

/** Keep a value under a name, if the browser lets us. */
function keepValue(name, value) {
  try {
    localStorage.setItem(`audioclust.${name}`, value);
  } catch {
    // Then it holds until the page is closed.
  }
}

/** Follow the theme of the store, and keep theme and volume. It comes before what is drawn. */
function createTheme(store) {
  function show() {
    const root = document.documentElement;
    if (store.state.theme === "auto") delete root.dataset.theme;
    else root.dataset.theme = store.state.theme;
  }
  const theme = keptValue("theme");
  const volume = parseFloat(keptValue("volume"));
  store.on(["theme"], () => {
    show();
    keepValue("theme", store.state.theme);
  });
  store.on(["volume"], () => keepValue("volume", String(store.state.volume)));
  store.set({
    theme: Object.hasOwn(THEMES, theme ?? "") ? theme : "auto",
    volume: volume >= 0 && volume <= 1 ? volume : store.state.volume,
  });
}
