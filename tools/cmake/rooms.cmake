# What every target of the tree shares, and the two shapes that targets have: a room of the library and a test folder.

find_program(DUEL_CCACHE ccache)
if(DUEL_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # It looks at the compiler's list of included files instead of preprocessing every source first.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_DEPEND=1 ${DUEL_CCACHE})
endif()

find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(TBB REQUIRED)
find_package(PkgConfig REQUIRED)
find_package(PNG REQUIRED)
find_package(ZLIB REQUIRED)
find_package(HDF5 REQUIRED COMPONENTS C HL)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(nlohmann_json REQUIRED)

# duel_find(package debian_package …): find_package, and where there is none, a message that names what to install.
macro(duel_find package debian_package)
  find_package(${package} QUIET ${ARGN})
  if(NOT ${package}_FOUND)
    message(FATAL_ERROR "${package} is not found; on Debian, install ${debian_package} (or run tools/install)")
  endif()
endmacro()
duel_find(JPEG libjpeg62-turbo-dev)
duel_find(LibArchive libarchive-dev)
duel_find(CURL libcurl4-openssl-dev)
duel_find(Boost libboost-dev)  # its headers alone

# OpenBLAS without threads of its own: the pthread build, which is safe to call from several threads at once
# (the serial build is not), whatever alternative the system has chosen for libblas.
find_library(DUEL_OPENBLAS NAMES libopenblas.so PATH_SUFFIXES openblas-pthread REQUIRED)
find_path(DUEL_OPENBLAS_INCLUDE NAMES cblas.h PATH_SUFFIXES openblas-pthread ${CMAKE_LIBRARY_ARCHITECTURE}/openblas-pthread REQUIRED)
add_library(duel_openblas INTERFACE)
target_link_libraries(duel_openblas INTERFACE ${DUEL_OPENBLAS})
target_include_directories(duel_openblas SYSTEM INTERFACE ${DUEL_OPENBLAS_INCLUDE})

# Some thirty programs are linked: gold, which comes with GNU's linker, takes a third of its time, and mold less.
include(CheckLinkerFlag)
foreach(linker mold gold)
  check_linker_flag(CXX -fuse-ld=${linker} DUEL_HAS_LINKER_${linker})
  if(DUEL_HAS_LINKER_${linker})
    add_link_options(-fuse-ld=${linker})
    break()
  endif()
endforeach()

add_library(duel_options INTERFACE)
# g++ 12 sees uninitialised and overlapping strings where there are none when it inlines (its bugs 105562, 105651).
target_compile_options(duel_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Werror
                                              -Wno-maybe-uninitialized -Wno-restrict)
if(CMAKE_UNITY_BUILD)  # names of one source may hide those of another; `dev` looks at each alone
  target_compile_options(duel_options INTERFACE -Wno-shadow -Wno-subobject-linkage)
endif()
target_include_directories(duel_options INTERFACE ${CMAKE_SOURCE_DIR}/framework ${CMAKE_SOURCE_DIR})
target_link_libraries(duel_options INTERFACE fmt::fmt Threads::Threads)
if(DUEL_ASSERTIONS)
  target_compile_definitions(duel_options INTERFACE DUEL_ASSERTIONS=1)
endif()
if(DUEL_SANITIZE)
  target_compile_options(duel_options INTERFACE -fsanitize=${DUEL_SANITIZE} -fno-omit-frame-pointer
                                                -fno-sanitize-recover=all)
  target_link_options(duel_options INTERFACE -fsanitize=${DUEL_SANITIZE})
endif()

# The presets release, asan and tsan compile several sources of a target as one (CMAKE_UNITY_BUILD), since most of the time
# goes into headers. CMake leaves out sources that have options or definitions of their own; a target that wants each of
# its sources compiled alone turns UNITY_BUILD off, a source sets SKIP_UNITY_BUILD_INCLUSION. Preset `dev` does without:
# there every file shows that it stands on its own includes, and clang-tidy reads the files one by one.
if(NOT DEFINED CMAKE_UNITY_BUILD_BATCH_SIZE)
  set(CMAKE_UNITY_BUILD_BATCH_SIZE 16)
endif()

# duel_room(name [room or library …]): the folder's sources as the static library duel_<name>. The rooms that it may
# use are named here, and the linker and the layering test hold it to that.
function(duel_room name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  if(NOT sources)  # a room of headers alone: the same kind of target, so that its options can be set like any other's
    set(sources ${CMAKE_BINARY_DIR}/empty.cpp)
    file(CONFIGURE OUTPUT ${sources} CONTENT "")
  endif()
  add_library(duel_${name} STATIC ${sources})
  target_link_libraries(duel_${name} PUBLIC duel_options ${ARGN})
endfunction()

# duel_compile_quickly(target): for rooms that run once a start and for tests. Their optimisation would take longer than
# it ever saves; -Og takes a third less of the compiler's time than -O3, and less than -O1 and -O0.
function(duel_compile_quickly target)
  target_compile_options(${target} PRIVATE -Og)
endfunction()

# duel_test(name label [library …]): the sources of this folder as one GoogleTest program, its tests labelled.
function(duel_test name label)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  if(NOT sources)
    message(WARNING "${CMAKE_CURRENT_SOURCE_DIR} has no tests")
    return()
  endif()
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE duel_options ${ARGN} GTest::gmock GTest::gtest_main)
  duel_compile_quickly(${name})  # what it tests is compiled as it is used
  target_compile_definitions(${name} PRIVATE DUEL_SOURCE_DIR="${CMAKE_SOURCE_DIR}" DUEL_BINARY_DIR="${CMAKE_BINARY_DIR}")
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  gtest_discover_tests(${name} TEST_PREFIX "${label}/" PROPERTIES LABELS ${label} DISCOVERY_TIMEOUT 60)
endfunction()
