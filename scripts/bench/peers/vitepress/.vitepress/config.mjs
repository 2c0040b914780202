// VitePress as it comes, with the search that it brings.
export default {
  title: "Backend topics",
  base: process.env.BASE,
  themeConfig: {
    search: { provider: "local" },
    sidebar: JSON.parse(process.env.PAGES).map(({ name, title }) => ({ text: title, link: `/${name}` })),
  },
}
