// Panels of which one is shown, by tabs above them.

/**
 * Make tabs. Each of `panels` has an id, a heading, a function that gives the title of its tab,
 * content, and maybe shown(), which is called when it is chosen.
 */
function createTabs(label, panels) {
  const list = element("div", {role: "tablist", class: "tabs", "aria-label": label});
  const tabs = panels.map((panel, place) => element("button", {
    type: "button", role: "tab", id: `tab-${panel.id}`, "aria-controls": `panel-${panel.id}`,
    onclick: () => choose(place),
  }));
  const bodies = panels.map((panel) => element("div", {
    role: "tabpanel", class: "panel", id: `panel-${panel.id}`, "aria-labelledby": `tab-${panel.id}`, tabindex: 0,
  }, element("h2", {class: "unseen panel-title"}, panel.heading), panel.content));

  function choose(chosen) {
    tabs.forEach((tab, place) => {
      tab.setAttribute("aria-selected", String(place === chosen));
      tab.tabIndex = place === chosen ? 0 : -1;
      bodies[place].classList.toggle("is-chosen", place === chosen);
    });
    panels[chosen].shown?.();
  }

  list.addEventListener("keydown", (event) => {
    const steps = {ArrowRight: 1, ArrowLeft: -1, Home: -tabs.length, End: tabs.length};
    const place = tabs.indexOf(event.target);
    if (place < 0 || !Object.hasOwn(steps, event.key)) return;
    const last = tabs.length - 1;
    const next = Math.abs(steps[event.key]) > 1 ? Math.min(last, Math.max(0, place + steps[event.key])) : (place + steps[event.key] + tabs.length) % tabs.length;
    choose(next);
    tabs[next].focus();
    event.preventDefault();
  });
  list.append(...tabs);
  const name = () => panels.forEach((panel, place) => tabs[place].replaceChildren(...[panel.title()].flat()));
  name();
  choose(0);
  return {elements: [list, ...bodies], name};
}
