// Reading of gzip files (RFC 1952) that somebody else made: what comes out is bounded, and checked by its CRC.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

#include "base/file.hpp"

namespace duel {

// Does the content begin as a gzip file does?
bool is_gzip(std::span<const std::byte> content);

// At most `limit` bytes of the beginning of what `compressed` holds. `file` is named in errors (UserError,
// ExitCode::data): damaged data, or data that ends before `limit` bytes came and without its checksum.
Bytes gunzip_beginning(std::span<const std::byte> compressed, uint64_t limit, const std::filesystem::path& file);

// All of it, however much it is, up to `limit` bytes: more is an error, as are a wrong checksum and bytes behind the
// end.
Bytes gunzip_all(std::span<const std::byte> compressed, uint64_t limit, const std::filesystem::path& file);

// All of it, which must be `size` bytes: more, fewer, a wrong checksum or bytes behind the end are errors. Memory is
// taken only for a size that so many compressed bytes can hold.
Bytes gunzip_exactly(std::span<const std::byte> compressed, uint64_t size, const std::filesystem::path& file);

}  // namespace duel
