# The page that `duel compare --html`, `duel report` and `duel serve` give out: tools/page/ bundled, with what it needs of
# npm at the versions of its lock file, into the C++ source ${DUEL_PAGE_SOURCE}. Node is needed to build, not to run.
option(DUEL_PAGE "Build the page of `duel compare --html`, `duel report` and `duel serve`; needs node and npm" ON)

set(DUEL_PAGE_SOURCE ${CMAKE_BINARY_DIR}/page/assets.cpp)
set(page ${CMAKE_SOURCE_DIR}/tools/page)

if(NOT DUEL_PAGE)
  file(CONFIGURE OUTPUT ${DUEL_PAGE_SOURCE} CONTENT
    "#include \"tools/page/assets.hpp\"\n\nstd::optional<duel::PageAssets> duel::page_assets() { return std::nullopt; }\n")
  return()
endif()

find_program(DUEL_NODE node)
find_program(DUEL_NPM npm)
if(NOT DUEL_NODE OR NOT DUEL_NPM)
  message(FATAL_ERROR "node and npm, which build the page, are not found; on Debian, install nodejs and npm (or run "
                      "tools/install). Without the page: -DDUEL_PAGE=OFF")
endif()

# duel_npm(from to): the packages that the lock file of `from` names, in to/node_modules, which
# then holds the file `installed`. No script of a package is run.
function(duel_npm from to)
  add_custom_command(OUTPUT ${to}/node_modules/installed
    DEPENDS ${from}/package.json ${from}/package-lock.json ${from}/.npmrc
    COMMAND ${CMAKE_COMMAND} -E make_directory ${to}
    COMMAND ${CMAKE_COMMAND} -E copy ${from}/package.json ${from}/package-lock.json ${from}/.npmrc ${to}
    COMMAND ${CMAKE_COMMAND} -E chdir ${to} ${DUEL_NPM} ci --ignore-scripts --no-progress --loglevel=error
    COMMAND ${CMAKE_COMMAND} -E touch ${to}/node_modules/installed
    COMMENT "Fetching what ${from} needs of npm" VERBATIM)
endfunction()

duel_npm(${page} ${CMAKE_BINARY_DIR}/page)
file(GLOB page_sources CONFIGURE_DEPENDS ${page}/src/*.ts ${page}/src/*.css)
add_custom_command(OUTPUT ${DUEL_PAGE_SOURCE}
  DEPENDS ${page_sources} ${page}/build.mjs ${CMAKE_BINARY_DIR}/page/node_modules/installed
  COMMAND ${DUEL_NODE} ${page}/build.mjs ${CMAKE_BINARY_DIR}/page/node_modules ${DUEL_PAGE_SOURCE}
  COMMENT "Bundling the page" VERBATIM)
