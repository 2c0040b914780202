/* Finds the places that a query means. What the index holds: scripts/guide/search/index.py. */

import { distance, isStopWord, pieces, stem, words } from "./words.js";

const KINDS = ["page", "question", "section", "item", "term", "planned", "about"];
const KIND_FACTOR = [1.03, 0.99, 1, 0.46, 0.7, 1.21, 0.35];

/** How well a word of the index stands for a word of the query. */
const EXACT = 1.2;
const SAME_STEM = 0.54;
const BEGINNING = 0.68;
const ONE_ERROR = 1.08;
const TWO_ERRORS = 0.29;
const PART = 0.06;
const JOINED = 0.91; // a word and its neighbor as one
const SOUND = 0.56;

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
const MOST_SPLIT = 3;
const RARELY = 3; // places
const SHORT_PIECE = 4; // letters; a word cut into such may as well be misspelt

export class Engine {
  #places;
  #strings;
  #phrases;
  #words;
  #numbers; // word -> its number
  #stems; // stem -> numbers
  #named;
  #said;
  #pages; // place -> number of its page
  #lengths; // place -> its length, where 1 is usual

  constructor(index) {
    this.#places = index.places;
    this.#strings = index.strings;
    this.#phrases = index.phrases;
    this.#words = index.words.split(" ");
    this.#numbers = new Map(this.#words.map((word, number) => [word, number]));
    this.#stems = new Map();
    this.#words.forEach((word, number) => {
      const key = stem(word);
      this.#stems.set(key, [...(this.#stems.get(key) ?? []), number]);
    });
    this.#named = index.named;
    this.#said = index.said;
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
    const asked = this.#understand(query);
    if (asked.length === 0) return [];
    const scores = this.#score(asked);
    this.#preferNames(query, scores);
    const ranked = [...scores].map(([place, { score, fit }]) => {
      const kind = this.#places[place][2];
      return { place, score: score * KIND_FACTOR[kind], fit: fit * FIT_FACTOR[kind] };
    });
    return this.#spread(ranked).map(({ place, score }) => this.#result(place, score, asked));
  }

  /** The word of the index that the last word of a query may become. */
  complete(query) {
    const last = /[\p{L}\p{N}]+$/u.exec(query)?.[0].toLowerCase() ?? "";
    if (last.length < 3) return "";
    const longer = this.#beginningWith(last).filter((number) => this.#words[number] !== last);
    const best = longer.sort((a, b) => this.#frequency(b) - this.#frequency(a))[0];
    return best === undefined ? "" : this.#words[best];
  }

  /** For each word of the query the words of the index that it may mean, and how rare they are. */
  #understand(query) {
    const found = pieces(query);
    const typing = /[\p{L}\p{N}]$/u.test(query);
    const plain = found.flatMap(({ parts, joined }) => {
      if (joined && this.#numbers.has(joined)) return [{ text: joined, parts }];
      const isMisspelt = joined && !parts.every((part) => this.#knows(part) || isStopWord(part));
      if (isMisspelt && this.#isNearly(joined)) return [{ text: joined, parts: [] }];
      return parts.flatMap((text) => this.#cut(text)).map((text) => ({ text, parts: [] }));
    });
    const useful = plain.filter(({ text }) => !isStopWord(text));
    const kept = useful.length > 0 ? useful : plain;
    const joined = kept.slice(1).map(({ text }, left) => kept[left].text + text);
    return kept.map((word, position) =>
      this.#meanings(
        word,
        joined.slice(Math.max(0, position - 1), position + 1),
        typing && position === kept.length - 1,
      ),
    );
  }

  #knows(text) {
    return this.#stems.has(stem(text));
  }

  /** Words of the index that a word of the query may mean; `joined`: with its neighbors. */
  #meanings({ text, parts }, joined, isUnfinished) {
    const meanings = new Map();
    const add = (number, factor) => {
      if ((meanings.get(number) ?? 0) < factor) meanings.set(number, factor);
    };
    const exact = this.#numbers.get(text);
    if (exact !== undefined) add(exact, EXACT);
    const isNumber = /^\d+$/.test(text);
    if (!isNumber) {
      for (const number of this.#stems.get(stem(text)) ?? []) add(number, SAME_STEM);
      if (isUnfinished || text.length > 4) {
        for (const number of this.#beginningWith(text)) {
          const share = text.length / this.#words[number].length;
          if (share > (isUnfinished ? 0.3 : 0.5)) add(number, BEGINNING * Math.sqrt(share));
        }
      }
    }
    for (const part of parts) {
      const number = this.#numbers.get(part);
      if (number !== undefined && part.length > 1 && !isStopWord(part)) add(number, PART);
    }
    for (const both of joined) {
      // `pre flight` is `preflight`.
      for (const number of this.#stems.get(stem(both)) ?? []) add(number, JOINED);
    }
    const strongest = Math.max(0, ...meanings.values());
    if (strongest < SAME_STEM && !isNumber) this.#misspelt(text, add);
    return { text, meanings, rarity: this.#rarity(meanings) };
  }

  #beginningWith(text) {
    let low = 0;
    let high = this.#words.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#words[middle] < text) low = middle + 1;
      else high = middle;
    }
    const found = [];
    while (low < this.#words.length && this.#words[low].startsWith(text)) found.push(low++);
    return found;
  }

  /** `statuscode` is `status code` where the index knows only that; up to three words. */
  #cut(text) {
    if (text.length < 5) return [text];
    if (this.#knows(text)) return this.#isRare(text) ? this.#halves(text) : [text];
    if (this.#beginningWith(text).length > 0) return [text];
    const best = [...this.#splits(text, MOST_SPLIT)].sort((a, b) => a.length - b.length)[0];
    if (best === undefined) return [text];
    // `backpresure` lacks a letter; it is not `back`, `presur` and `e`.
    const isCrumbled = best.some((part) => part.length < SHORT_PIECE);
    return isCrumbled && this.#isNearly(text) ? [text] : best;
  }

  /** Whether it is a word of the index but for one letter. */
  #isNearly(text) {
    return this.#words.some((word) => distance(text, word, 1) === 1);
  }

  /** Whether hardly any place has it, as `lostupdate`, which somebody wrote with a hyphen. */
  #isRare(text) {
    const numbers = this.#stems.get(stem(text)) ?? [];
    return numbers.reduce((sum, number) => sum + this.#frequency(number), 0) < RARELY;
  }

  /** Two words of the index that it is made of, none of them short; else itself. */
  #halves(text) {
    const found = [...this.#splits(text, 2)].find(
      (parts) => parts.length === 2 && parts.every((part) => part.length >= SHORT_PIECE),
    );
    return found ?? [text];
  }

  *#splits(text, most) {
    if (this.#numbers.has(text) || isStopWord(text)) yield [text];
    if (most === 1) return;
    for (let at = 2; at <= text.length - 2; at++) {
      const first = text.slice(0, at);
      if (!this.#numbers.has(first) && !isStopWord(first)) continue;
      for (const rest of this.#splits(text.slice(at), most - 1)) yield [first, ...rest];
    }
  }

  #misspelt(text, add) {
    if (text.length < 4) return;
    const limit = text.length < 8 ? 1 : 2;
    const shape = sound(text);
    this.#words.forEach((word, number) => {
      if (word.length < 3 || /\d/.test(word)) return;
      const errors = distance(text, word, limit);
      if (errors === 1) add(number, ONE_ERROR);
      else if (errors === 2 && limit === 2) add(number, TWO_ERRORS);
      else if (shape.length > 3 && sound(word) === shape) add(number, SOUND);
    });
  }

  #frequency(number) {
    return this.#named[number].length / 2 + this.#said[number].length;
  }

  /** How much a word tells: the fewer places have it, the more. */
  #rarity(meanings) {
    let best = 0;
    let places = 0;
    for (const [number, factor] of meanings) {
      if (factor >= best) {
        places = factor > best ? this.#frequency(number) : places + this.#frequency(number);
        best = factor;
      }
    }
    return meanings.size === 0 ? 0 : Math.log(1 + this.#places.length / (1 + places));
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
    for (const place of this.#phrases[whole] ?? []) {
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

  #result(place, score, asked) {
    const [url, title, kind, context, level] = this.#places[place];
    const terms = asked.flatMap(({ meanings }) =>
      [...meanings].filter(([, factor]) => factor >= TWO_ERRORS).map(([number]) => this.#words[number]),
    );
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

/** The consonants of a word, with those alike made the same. */
function sound(word) {
  return word
    .replace(/ph/g, "f")
    .replace(/gh/g, "")
    .replace(/[ck]+|q/g, "k")
    .replace(/[sz]/g, "s")
    .replace(/(.)\1+/g, "$1")
    .replace(/(?!^)[aeiouyhw]/g, "")
    .replace(/(.)\1+/g, "$1");
}
