"""Configuration of the documentation (Sphinx); ``make docs`` builds it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

import potash

project = "Potash"
author = "The Potash developers"
copyright = "The Potash developers, MIT licence"
version = release = potash.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "potash_mathml",
    "potash_reference",
    "potash_validation",
]
exclude_patterns = ["_ext", "_static", "validation/generated/*.md"]
source_suffix = {".md": "myst-nb", ".rst": "restructuredtext"}
templates_path: list[str] = []

myst_enable_extensions = ["attrs_block"]
myst_heading_anchors = 4

# The tutorials are computed at each build; what fails in one fails the build.
nb_execution_mode = "force"
nb_execution_in_temp = True
nb_execution_raise_on_error = True
nb_execution_timeout = 600
nb_merge_streams = True
nb_output_stderr = "remove"

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_default_options = {"members": True, "show-inheritance": False}
python_use_unqualified_type_names = True
python_maximum_signature_line_length = 80
napoleon_google_docstring = False
napoleon_use_rtype = False
# As a plain list: as fields of their own they would be described twice.
napoleon_custom_sections = ["Attributes"]
add_module_names = False
toc_object_entries_show_parents = "hide"

html_math_renderer = "mathml"
html_theme = "pydata_sphinx_theme"
html_title = "Potash"
html_static_path = ["_static"]
html_css_files = ["potash.css"]
html_show_sourcelink = False
html_copy_source = False
html_theme_options = {
    "logo": {"text": "Potash"},
    "navbar_align": "left",
    "header_links_before_dropdown": 6,
    "navbar_end": ["theme-switcher"],
    "secondary_sidebar_items": ["page-toc"],
    "show_toc_level": 2,
    "show_prev_next": False,
    "footer_start": ["copyright"],
    "footer_end": [],
    "back_to_top_button": False,
    "pygments_light_style": "tango",
    "pygments_dark_style": "monokai",
}
