// Light or dark: by the system or by a switch, whose place the browser keeps.

const THEMES = {auto: "System", light: "Light", dark: "Dark"};

/** The theme that was chosen before, or null. A browser may refuse to keep anything. */
function keptTheme() {
  try {
    return localStorage.getItem("audioclust.theme");
  } catch {
    return null;
  }
}

/** Keep the theme for the next time, if the browser lets us. */
function keepTheme(theme) {
  try {
    localStorage.setItem("audioclust.theme", theme);
  } catch {
    // Then it holds until the page is closed.
  }
}

/** Follow the theme of the store, and keep it. It comes before what is drawn in its colours. */
function createTheme(store) {
  function show() {
    const root = document.documentElement;
    if (store.state.theme === "auto") delete root.dataset.theme;
    else root.dataset.theme = store.state.theme;
  }
  // Paper is light. Who draws with the theme's colours does so again when they are told to print.
  addEventListener("beforeprint", () => { document.documentElement.dataset.theme = "light"; });
  addEventListener("afterprint", show);
  const theme = keptTheme();
  store.on(["theme"], () => {
    show();
    keepTheme(store.state.theme);
  });
  store.set({theme: Object.hasOwn(THEMES, theme ?? "") ? theme : "auto"});
}
