"""What the standard library says of a packed file that it cannot make sense of."""

import zipfile
import zlib

#: All that ``zipfile`` raises for bytes in memory; "not implemented" of a version that it does not know, and the last
#: two for an offset out of the world.
DAMAGED = (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, ValueError, OverflowError)
