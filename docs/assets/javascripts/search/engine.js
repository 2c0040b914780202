/* Ranks the places that a query means. What the index holds: scripts/guide/search/index.py. */

import { Vocabulary } from "./vocabulary.js";
import { words } from "./words.js";

const KINDS = ["page", "question", "section", "item", "term", "planned", "about"];
const KIND_FACTOR = [1.03, 0.99, 1, 0.46, 0.7, 1.21, 0.35];

const SAID_WEIGHT = 4.4; // of a word in the text, where a title counts 12
const AGAIN = 0.3; // what it adds that a word is said several times
const LENGTH = 0.36; // how much longer places count less, between 0 and 1
const SATURATION = 7.49;
const FROM_PAGE = 0.17; // what a place inherits of its page
const PAGE_COVERAGE = 0.17; // how much a word elsewhere on the page counts as found
const COVERAGE = 0.26; // how much it costs to lack words of the query
const PAGE_SHARE = 0.44; // what a page as a whole adds to its places
const OFTEN = 1.88; // what it adds that a word is in many places of a page
const LEAST_RARITY = 6.15; // what a word of the query counts at least, found or not
const NAME_BONUS = 2.76; // for a query that is the name of a place
const NAME_EXTRA = 3.32; // what it has on top, so that a rare name beats any mention
const PAGE_STEP = 0.32; // each further place of a page counts less
const FIT_COVERAGE = 2; // like COVERAGE, for the choice among the places of one page
const FIT_FACTOR = [0.6, 1.1, 1, 0.65, 0.9, 1, 1]; // by kind
const LEAST_SHARE = 0.01; // of the best score, to be shown at all
const MOST_OF_PAGE = 5;
const MOST_RESULTS = 20;

export class Engine {
  #places;
  #strings;
  #phrases;
  #named;
  #said;
  #vocabulary;
  #pages; // place -> number of its page
  #lengths; // place -> its length, where 1 is usual

  constructor(index) {
    this.#places = index.places;
    this.#strings = index.strings;
    this.#phrases = new Map(Object.entries(index.phrases)); // a query may be any word
    this.#named = index.named;
    this.#said = index.said;
    const frequencies = this.#named.map((named, word) => named.length / 2 + this.#said[word].length);
    this.#vocabulary = new Vocabulary(index.words.split(" "), frequencies, index.places.length);
    this.#pages = index.places.map((place) => place[5]);
    this.#lengths = this.#measure();
  }

  #measure() {
    const counts = this.#places.map(() => 0);
    for (const said of this.#said) for (const { place } of sayings(said)) counts[place] += 1;
    const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length || 1;
    return counts.map((count) => 1 - LENGTH + (LENGTH * count) / mean);
  }

  /** The best places for a query, best first, each with its score. */
  search(query) {
    const asked = this.#vocabulary.understand(query);
    if (asked.length === 0) return [];
    const scores = this.#score(asked);
    this.#preferNames(query, scores);
    const ranked = [...scores].map(([place, { score, fit }]) => {
      const kind = this.#places[place][2];
      return { place, score: score * KIND_FACTOR[kind], fit: fit * FIT_FACTOR[kind] };
    });
    const terms = this.#vocabulary.terms(asked);
    return this.#spread(ranked).map(({ place, score }) => this.#result(place, score, terms));
  }

  /** The word of the index that the last word of a query may become. */
  complete(query) {
    return this.#vocabulary.complete(query);
  }

  #score(asked) {
    const shares = asked.map(({ rarity }) => Math.max(rarity, LEAST_RARITY));
    const total = shares.reduce((sum, share) => sum + share, 0);
    const perWord = asked.map((word) => this.#scoresOf(word));
    const perPage = perWord.map((scores, position) => this.#onPages(scores, asked[position]));
    const pages = this.#whole(perPage, shares, total);
    const result = new Map();
    for (const place of new Set(perWord.flatMap((scores) => [...scores.keys()]))) {
      const page = this.#pages[place];
      let score = 0;
      let covered = 0;
      let itself = 0;
      let has = 0;
      shares.forEach((share, position) => {
        const own = perWord[position].get(place) ?? 0;
        const inherited = (perPage[position].get(page)?.best ?? 0) * FROM_PAGE;
        score += Math.max(own, inherited);
        itself += own;
        if (own > 0) has += share;
        if (own > 0) covered += share;
        else if (inherited > 0) covered += share * PAGE_COVERAGE;
      });
      result.set(place, {
        score: score * (covered / total) ** COVERAGE + pages.get(page) * PAGE_SHARE,
        fit: itself * (has / total) ** FIT_COVERAGE,
      });
    }
    return result;
  }

  /** For each page the best place of a word, and in how many places it is. */
  #onPages(scores, { rarity }) {
    const pages = new Map();
    for (const [place, score] of scores) {
      const page = this.#pages[place];
      const { best, count } = pages.get(page) ?? { best: 0, count: 0 };
      pages.set(page, { best: Math.max(best, score), count: count + 1 });
    }
    for (const [page, found] of pages) {
      pages.set(page, { ...found, score: found.best + rarity * OFTEN * Math.log(found.count) });
    }
    return pages;
  }

  /** What a page as a whole says about the query. */
  #whole(perPage, shares, total) {
    const result = new Map();
    for (const page of new Set(perPage.flatMap((pages) => [...pages.keys()]))) {
      let score = 0;
      let covered = 0;
      shares.forEach((share, position) => {
        const found = perPage[position].get(page);
        if (found) {
          score += found.score;
          covered += share;
        }
      });
      result.set(page, score * (covered / total) ** COVERAGE);
    }
    return result;
  }

  #scoresOf({ meanings, rarity }) {
    const scores = new Map();
    const add = (place, weight, factor) => {
      const saturation = SATURATION * this.#lengths[place];
      const score = rarity * factor * ((weight * (SATURATION + 1)) / (weight + saturation));
      if ((scores.get(place) ?? 0) < score) scores.set(place, score);
    };
    for (const [number, factor] of meanings) {
      const named = this.#named[number];
      for (let at = 0, place = 0; at < named.length; at += 2) {
        place += named[at];
        add(place, named[at + 1], factor);
      }
      for (const { place, again } of sayings(this.#said[number])) {
        add(place, SAID_WEIGHT * (1 + AGAIN * again), factor);
      }
    }
    return scores;
  }

  /** A query that is a name means what has that name. */
  #preferNames(query, scores) {
    const whole = words(query).join(" ");
    for (const place of this.#phrases.get(whole) ?? []) {
      const { score, fit } = scores.get(place) ?? { score: 1, fit: 1 };
      scores.set(place, { score: score * NAME_BONUS + NAME_EXTRA, fit: fit * NAME_BONUS });
    }
  }

  /**
   * Pages by their best place; of each page first the place that fits by itself, so that a result
   * opens at the answer. Further places of a page count less.
   */
  #spread(ranked) {
    const byPage = new Map();
    for (const each of ranked) {
      const page = this.#pages[each.place];
      byPage.set(page, [...(byPage.get(page) ?? []), each]);
    }
    const spread = [...byPage.values()].flatMap((places) => {
      const best = Math.max(...places.map(({ score }) => score));
      const fitting = this.#distinct(places.sort((a, b) => b.fit - a.fit || a.place - b.place));
      return fitting.slice(0, MOST_OF_PAGE).map(({ place }, times) => ({ place, score: best * PAGE_STEP ** times }));
    });
    const least = Math.max(0, ...spread.map(({ score }) => score)) * LEAST_SHARE;
    return spread
      .sort((a, b) => b.score - a.score || a.place - b.place)
      .filter(({ score }) => score >= least)
      .slice(0, MOST_RESULTS);
  }

  /** A term and the question that treats it may be at one address: one result is enough. */
  #distinct(places) {
    const seen = new Set();
    return places.filter(({ place }) => {
      const url = this.#places[place][0];
      return !seen.has(url) && seen.add(url);
    });
  }

  #result(place, score, terms) {
    const [url, title, kind, context, level] = this.#places[place];
    return {
      url,
      title,
      kind: KINDS[kind],
      context: this.#strings[context],
      level: this.#strings[level],
      score,
      terms,
    };
  }
}

/** Places as the index has them: the step from the one before, and whether it is said again. */
function* sayings(numbers) {
  let place = 0;
  for (const number of numbers) {
    place += number >> 1;
    yield { place, again: number & 1 };
  }
}
