// The tools of the practice pages. They share most of their code, so that they are one file as
// published: who has opened one of these pages has them all.

import { start as interview } from "./interview.js"
import { start as map } from "./map.js"
import { start as offline } from "./offline.js"
import { start as placement } from "./placement.js"
import { start as plan } from "./plan.js"
import { start as progress } from "./progress.js"
import { start as review } from "./review.js"

/** What begins a tool in its place, by the name in the page's front matter: `tool: review`. */
export const tools = { interview, map, offline, placement, plan, progress, review }

// What a device that keeps pages needs now and then: it has this file, too.
export { refreshAreas } from "./areas.js"
export { showUpdateBar } from "./update-bar.js"
