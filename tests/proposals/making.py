"""Documents as writing programs leave them behind, made here: Word, OpenDocument and PDF, tidy and untidy."""

import io
import zipfile

import typst

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
OTHERS = (
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape" '
    'xmlns:v="urn:schemas-microsoft-com:vml" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
)
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"

#: Styles as a Dutch Word writes them: Dutch ids, English names for what is built in.
STYLES = """
<w:style w:type="paragraph" w:styleId="Standaard"><w:name w:val="Normal"/></w:style>
<w:style w:type="paragraph" w:styleId="Titel"><w:name w:val="Title"/></w:style>
<w:style w:type="paragraph" w:styleId="Kop1"><w:name w:val="heading 1"/></w:style>
<w:style w:type="paragraph" w:styleId="Kop2"><w:name w:val="heading 2"/><w:pPr><w:numPr><w:ilvl w:val="1"/>
<w:numId w:val="1"/></w:numPr></w:pPr></w:style>
<w:style w:type="paragraph" w:styleId="Eigen"><w:name w:val="Eigen kop"/><w:basedOn w:val="Kop1"/></w:style>
<w:style w:type="paragraph" w:styleId="Inhopg1"><w:name w:val="toc 1"/></w:style>
<w:style w:type="character" w:styleId="Zwaar"><w:name w:val="Strong"/><w:rPr><w:b/></w:rPr></w:style>
"""

#: List 1: headings A and A1; list 2: bullets; list 3: 1. with (a) inside; list 4: list 3 begun anew.
NUMBERING = """
<w:abstractNum w:abstractNumId="1">
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="upperLetter"/><w:lvlText w:val="%1."/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1%2."/></w:lvl></w:abstractNum>
<w:abstractNum w:abstractNumId="2">
<w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/><w:lvlText w:val="&#xF0B7;"/></w:lvl>
<w:lvl w:ilvl="1"><w:numFmt w:val="bullet"/><w:lvlText w:val="o"/></w:lvl></w:abstractNum>
<w:abstractNum w:abstractNumId="3">
<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl>
<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="(%2)"/></w:lvl></w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="2"/></w:num>
<w:num w:numId="3"><w:abstractNumId w:val="3"/></w:num><w:num w:numId="4"><w:abstractNumId w:val="3"/>
<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>
"""


def packed(parts: dict[str, str | bytes], kind: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip with these parts."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", kind) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return made.getvalue()


def run(text: str, dress: str = "") -> str:
    """A run of Word: words in one dress."""
    return f'<w:r><w:rPr>{dress}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def p(content: str, style: str = "", numbered: str = "", level: int = 0, more: str = "") -> str:
    """A paragraph of Word; plain words or runs."""
    number = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{numbered}"/></w:numPr>' if numbered else ""
    style = f'<w:pStyle w:val="{style}"/>' if style else ""
    return f"<w:p><w:pPr>{style}{number}{more}</w:pPr>{content if '<' in content else run(content)}</w:p>"


def cell(text: str, properties: str = "") -> str:
    """A cell of a table of Word."""
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{text if '<w:p' in text else p(text)}</w:tc>"


def row(*cells: str) -> str:
    """A row of a table of Word."""
    return "<w:tr>" + "".join(c if c.startswith("<w:tc>") else cell(c) for c in cells) + "</w:tr>"


def word_parts(body: str, **more: str | bytes) -> dict[str, str | bytes]:
    """The parts of a Word document; ``more`` by name of the part without folder and .xml: footnotes, header1 ..."""
    roots = {"footnotes": "footnotes", "header1": "hdr", "footer1": "ftr"}
    relations = {
        "_rels/.rels": f'<Relationship Id="a" Type="{OFFICE}/officeDocument" Target="word/document.xml"/>',
        "word/_rels/document.xml.rels": f'<Relationship Id="l1" Type="{OFFICE}/hyperlink" '
        f'Target="https://vng.nl/a_(b)" TargetMode="External"/><Relationship Id="l2" Type="{OFFICE}/hyperlink" '
        'Target="javascript:alert(1)" TargetMode="External"/>',
    }
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": f'<Types><Override PartName="/word/document.xml" ContentType="{DOCX_TYPE}"/></Types>',
        **{name: f"<Relationships>{content}</Relationships>" for name, content in relations.items()},
        "word/document.xml": f"<w:document {W} {R} {OTHERS}><w:body>{body}</w:body></w:document>",
        "word/styles.xml": f"<w:styles {W}>{STYLES}</w:styles>",
        "word/numbering.xml": f"<w:numbering {W}>{NUMBERING}</w:numbering>",
    }  # fmt: skip
    for name, content in more.items():
        parts[f"word/{name}.xml"] = f"<w:{roots[name]} {W} {R} {OTHERS}>{content}</w:{roots[name]}>"
    return parts


def word(body: str, **more: str | bytes) -> bytes:
    """A Word document with this body."""
    return packed(word_parts(body, **more))


ODF = "urn:oasis:names:tc:opendocument:xmlns"
SPACES = " ".join(
    f'xmlns:{short}="{ODF}:{name}:1.0"'
    for short, name in {"office": "office", "text": "text", "table": "table", "style": "style", "draw": "drawing",
                        "fo": "xsl-fo-compatible"}.items()
) + ' xmlns:xlink="http://www.w3.org/1999/xlink"'  # fmt: skip
ODT_TYPE = "application/vnd.oasis.opendocument.text"


def open_document_parts(body: str, automatic: str = "", styles: str = "", masters: str = "") -> dict[str, str | bytes]:
    """The parts of an OpenDocument text."""
    return {
        "mimetype": ODT_TYPE,
        "META-INF/manifest.xml": "<manifest/>",
        "content.xml": f"<office:document-content {SPACES}><office:automatic-styles>{automatic}"
        f"</office:automatic-styles><office:body><office:text>{body}</office:text></office:body>"
        "</office:document-content>",
        "styles.xml": f"<office:document-styles {SPACES}><office:styles>{styles}</office:styles>"
        f"<office:master-styles>{masters}</office:master-styles></office:document-styles>",
    }


def open_document(body: str, automatic: str = "", styles: str = "", masters: str = "") -> bytes:
    """An OpenDocument text with this body."""
    return packed(open_document_parts(body, automatic, styles, masters))


def pdf(source: str) -> bytes:
    """A PDF of this typst source."""
    made = typst.compile(source.encode())
    assert isinstance(made, bytes)
    return made
