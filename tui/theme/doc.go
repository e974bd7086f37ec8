// Package theme says what the screens look like: the roles that text plays, the styles of the roles, three sets of glyphs, and
// lines made of spans.
//
// A screen never names a colour. It gives a stretch of text a role; the theme knows how the role looks on this terminal. Only
// the 16 colours of the terminal's own palette are used, so that every palette stays readable, and green is not among them, so
// that no meaning hangs on telling red from green. Whatever colour says, a word or a glyph says as well: a screen with every SGR
// sequence removed has lost nothing.
//
// The package knows nothing of uploads. It may be imported by package tui and its sub-packages. Start with line.go, then
// theme.go and glyphs.go.
package theme
