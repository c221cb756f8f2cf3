"""ui: the look of every page. Layout, design tokens, components, htmx manners, error pages.

It knows no business: rooms above it register navigation and hand plain values to components.

Doors: `navigation.register(NavItem(...))`, `frame.register(provider)` (shop name, theme, rise/fall colours),
`toasts.toast(response, ...)` and `toasts.flash(request, ...)`, `rhythm.build_rhythm(...)`, the templates `ui/page.html`,
`ui/auth.html`, and the cotton components listed in `COMPONENTS.md`. Events: none.

Built files (`static/ui/dist/`) come from `python frontend/build.py`.
"""
