"""An object store on this machine that speaks S3, without a network and without an account."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from unittest import mock

from moto.moto_server.threaded_moto_server import ThreadedMotoServer

KEYS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}
"""What s3fs and boto3 read from the environment: keys that open nothing, and no other ones."""


@contextlib.contextmanager
def s3_server() -> Iterator[str]:
    """Run a server on a free port of the loopback interface, and give its address."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


@contextlib.contextmanager
def s3_bucket(server: str) -> Iterator[str]:
    """Make a bucket that s3fs finds in this process and in those that it starts.

    Parameters
    ----------
    server : str
        The address of :func:`s3_server`.

    Yields
    ------
    address : str
        Such as ``s3://sounds-1f``, which is empty.
    """
    import s3fs

    environment = {**KEYS, "AWS_ENDPOINT_URL": server}
    without = [name for name in os.environ if name.startswith("AWS_")]
    with mock.patch.dict(os.environ, environment):
        for name in set(without) - environment.keys():
            del os.environ[name]
        # A file system of an earlier server is not used again.
        s3fs.S3FileSystem.clear_instance_cache()
        bucket = f"sounds-{secrets.token_hex(4)}"
        s3fs.S3FileSystem().mkdir(bucket)
        yield f"s3://{bucket}"
        s3fs.S3FileSystem.clear_instance_cache()
