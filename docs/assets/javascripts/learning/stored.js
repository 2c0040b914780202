// What pages show and store of what the reader has done: loaded once there is any of it.

export { start as showBars } from "./bars.js"
export { known, noteAnswer, noteRead, noteSelfTest } from "./noting.js"
