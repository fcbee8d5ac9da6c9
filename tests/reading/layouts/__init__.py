"""The same document typeset otherwise (排版): as text, as a Word file, as a PDF, as a saved page."""
