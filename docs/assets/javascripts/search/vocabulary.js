/* Understands a query: which words of the index it may mean, however they are written. */

import { distance, isStopWord, pieces, stem } from "./words.js";

/** How well a word of the index stands for a word of the query. */
const EXACT = 1.2;
const SAME_STEM = 0.54;
const BEGINNING = 0.68;
const ONE_ERROR = 1.08;
const TWO_ERRORS = 0.29;
const PART = 0.06;
const JOINED = 0.91; // a word and its neighbor as one
const SOUND = 0.56;

const MOST_SPLIT = 3;
const RARELY = 3; // places
const SHORT_PIECE = 4; // letters; a word cut into such may as well be misspelt

/** The words of the index, and which of them somebody means. */
export class Vocabulary {
  #words; // sorted
  #frequencies; // of each word, in how many places it is
  #total; // of all places
  #numbers; // word -> its number
  #stems; // stem -> numbers

  constructor(words, frequencies, total) {
    this.#words = words;
    this.#frequencies = frequencies;
    this.#total = total;
    this.#numbers = new Map(words.map((word, number) => [word, number]));
    this.#stems = new Map();
    words.forEach((word, number) => {
      const key = stem(word);
      this.#stems.set(key, [...(this.#stems.get(key) ?? []), number]);
    });
  }

  /** For each word of the query the words of the index that it may mean, and how rare they are. */
  understand(query) {
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

  /** The word of the index that the last word of a query may become. */
  complete(query) {
    const last = /[\p{L}\p{N}]+$/u.exec(query)?.[0].toLowerCase() ?? "";
    if (last.length < 3) return "";
    const longer = this.#beginningWith(last).filter((number) => this.#words[number] !== last);
    const best = longer.sort((a, b) => this.#frequencies[b] - this.#frequencies[a])[0];
    return best === undefined ? "" : this.#words[best];
  }

  /** The words that `asked` means, without the parts of those written as one. */
  terms(asked) {
    return asked.flatMap(({ meanings }) =>
      [...meanings].filter(([, factor]) => factor >= TWO_ERRORS).map(([number]) => this.#words[number]),
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
    return numbers.reduce((sum, number) => sum + this.#frequencies[number], 0) < RARELY;
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

  /** How much a word tells: the fewer places have it, the more. */
  #rarity(meanings) {
    let best = 0;
    let places = 0;
    for (const [number, factor] of meanings) {
      if (factor >= best) {
        places = factor > best ? this.#frequencies[number] : places + this.#frequencies[number];
        best = factor;
      }
    }
    return meanings.size === 0 ? 0 : Math.log(1 + this.#total / (1 + places));
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
