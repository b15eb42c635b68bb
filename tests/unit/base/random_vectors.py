"""Prints the stream keys that random_test.cpp expects, from the definition alone: FNV-1a, then MurmurHash3's finaliser."""

WORD = 2**64 - 1


def stream_key(seed, attempt, name):
    key = 0xCBF29CE484222325
    for byte in seed.to_bytes(8, "little") + attempt.to_bytes(8, "little") + name.encode():
        key = (key ^ byte) * 0x100000001B3 & WORD
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        key = (key ^ key >> 33) * factor & WORD
    return key ^ key >> 33


for arguments in ((0, 0, ""), (42, 1, "values.z")):
    print(arguments, hex(stream_key(*arguments)))
