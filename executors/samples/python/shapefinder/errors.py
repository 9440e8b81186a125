"""The protocol's SDK error codes, and the exception that carries one."""

CONFIGURATION = 300001
NO_DATA = 300002
BAD_IMAGE = 300003
NO_MODEL = 300004
BAD_OBJECT_TYPE = 300005
OUT_OF_MEMORY = 300103
NAN_IN_TRAINING = 300201
OTHER = 160004


class ExecutorError(Exception):
    """A failure that the protocol has a code for."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def code_of(error):
    """The SDK error code that tells of an exception."""
    if isinstance(error, ExecutorError):
        return error.code
    return OUT_OF_MEMORY if isinstance(error, MemoryError) else OTHER
