// Starlight as it comes; search is a part of it.
import starlight from "@astrojs/starlight"
import { defineConfig } from "astro/config"

export default defineConfig({
  base: process.env.BASE,
  integrations: [starlight({ title: "Backend topics" })],
})
