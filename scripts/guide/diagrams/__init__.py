"""Mermaid text becomes static, themed, accessible SVG, cached by content.

`render.render_diagrams` draws a batch, `fence.DiagramFormatter` puts drawings into pages,
`preview.install_preview_script` serves the live preview, and `svg` holds the pure
normalization with `with_ids`. Import the module you need: drawing loads a JavaScript engine.
"""
