"""audioclust: a folder of sounds in, groups out.

>>> import audioclust as ac
>>> result = ac.cluster("~/Music")  # doctest: +SKIP
>>> result[0]  # the largest group  # doctest: +SKIP
"""

import lazy_loader

# The stub beside this file lists the public names; each is imported when it is first used.
__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
