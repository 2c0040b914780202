/* Speaks with the theme's search dialog in place of its own worker: it sends the index once and
   each query, and shows the results it gets back. */

import { Engine } from "./engine.js";

const SETUP = 0;
const READY = 1;
const QUERY = 2;
const RESULT = 3;
const KIND_NAMES = { question: "Question", item: "Check yourself", planned: "Planned" };
const MOST_HIGHLIGHTED = 8;

let engine;

addEventListener("message", ({ data: { type, data } }) => {
  if (type === SETUP) {
    engine = new Engine(data.docs);
    postMessage({ type: READY });
  } else if (type === QUERY) {
    postMessage({ type: RESULT, data: answer(data) });
  }
});

function answer(query) {
  const items = engine.search(query).map((found) => [
    {
      location: found.url,
      title: heading(found),
      text: "",
      score: found.score,
      terms: Object.fromEntries(found.terms.slice(0, MOST_HIGHLIGHTED).map((word) => [word, true])),
    },
  ]);
  const completion = engine.complete(query);
  return { items, suggest: completion ? [completion] : undefined };
}

/** The title of a result, and under it what it is, where it stands and for whom. */
function heading({ title, kind, context, level }) {
  const facts = [KIND_NAMES[kind], context, level].filter(Boolean).map(escape).join(" · ");
  return `${escape(title)}<span class="search-place">${facts}</span>`;
}

function escape(text) {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
