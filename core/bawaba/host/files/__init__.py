"""Files: places to upload to, bytes in an object store, and who may read them."""
