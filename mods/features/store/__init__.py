"""The store: panes kept on disk beside the windows, so that adding hours touches only their panes.

`POOL/panes/SLIDE/manifest.json.gz` says which log's panes lie in which batch: some Parquet
files of one protocol in the folder of that name. Nothing in here changes a pool that others read:
files are made in its draft (datapool.changing), and take effect together with the windows.
"""

from mods.features.store.manifest import Batch, Manifest, Source, Written

__all__ = ["Batch", "Manifest", "Source", "Written"]
