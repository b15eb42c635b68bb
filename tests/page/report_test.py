"""`duel report` and `duel compare --html` as programs. The environment names them: DUEL and MAKE_RUNS."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest


def duel(*arguments):
    return subprocess.run([os.environ["DUEL"], *map(str, arguments)], capture_output=True, text=True)


def data_in(page):
    return json.loads(re.search(r'id="data">(.*?)</script>', page.read_text(), re.S)[1])


def runs_in(page):
    """The ids of the runs in a page."""
    return [run["id"] for run in data_in(page)["runs"]]


class ReportTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="duel-report-"))
        cls.runs = cls.folder / "runs"
        subprocess.run([os.environ["MAKE_RUNS"], "few", cls.runs], check=True)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def test_a_report_lies_in_the_run(self):
        end = duel("report", self.runs / "lr1e-3-s1")
        page = self.runs / "lr1e-3-s1/report.html"
        self.assertEqual((end.returncode, end.stdout, end.stderr), (0, f"{page}\n", ""))
        self.assertEqual(runs_in(page), ["lr1e-3-s1"])

    def test_a_report_of_the_folder_one_is_in_has_its_name(self):
        end = subprocess.run([os.environ["DUEL"], "report", "."], cwd=self.runs / "lr1e-3-s2", capture_output=True, text=True)
        page = self.runs / "lr1e-3-s2/report.html"
        self.assertEqual((end.returncode, end.stderr), (0, ""))
        self.assertEqual(runs_in(page), ["lr1e-3-s2"])
        self.assertIn("<title>lr1e-3-s2 – duel</title>", page.read_text())

    def test_a_report_goes_where_it_is_told(self):
        page = self.folder / "page.html"
        self.assertEqual(duel("report", self.runs / "damaged", "--out", page).returncode, 0)
        self.assertEqual(runs_in(page), ["damaged"])

    def test_what_is_no_run_has_no_report(self):
        end = duel("report", self.folder)
        self.assertEqual(end.returncode, 2)
        self.assertIn("holds no run", end.stderr)

    def test_a_report_that_cannot_be_written_is_told(self):
        end = duel("report", self.runs / "lr1e-3-s1", "--out", self.folder / "none/page.html")
        self.assertEqual(end.returncode, 5)
        self.assertIn(f"{self.folder}/none", end.stderr)

    def test_compare_writes_the_runs_that_its_table_would_show(self):
        page = self.folder / "compared.html"
        end = duel("compare", self.runs, "--where", "lr=2e-4", "--max", "seed", "--top", "2", "--html", page)
        self.assertEqual((end.returncode, end.stdout, end.stderr), (0, f"{page}\n", ""))
        self.assertEqual(runs_in(page), ["lr2e-4-s3", "lr2e-4-s2"])

    def test_a_page_is_no_list_of_values(self):
        for option in [["--csv"], ["--json"], ["--metrics", "fid"], ["--group-by", "seed"]]:
            end = duel("compare", self.runs, *option, "--html", self.folder / "no.html")
            self.assertEqual((end.returncode, end.stdout), (2, ""))
            self.assertIn(f"{option[0]}", end.stderr)
            self.assertIn("--html", end.stderr)
        end = duel("compare", "--diff", self.runs / "lr1e-3-s1", self.runs / "lr1e-3-s2", "--html", self.folder / "no.html")
        self.assertEqual(end.returncode, 2)
        self.assertFalse((self.folder / "no.html").exists())

    def test_the_page_calls_unlike_what_compare_does(self):
        runs = self.folder / "rescored"
        subprocess.run([os.environ["MAKE_RUNS"], "rescored", runs], check=True)
        page = self.folder / "rescored.html"
        for names, parts in [("ab", []), ("ac", ["last"]), ("ad", ["last"]), ("abe", ["training"]), ("abc", ["last"])]:
            folders = [runs / name for name in names]
            self.assertEqual(duel("compare", *folders, "--html", page).returncode, 0)
            unlike = [one for one in data_in(page)["unlike"] if one["name"] == "quality.fid"]
            self.assertEqual([one["of"] for one in unlike], parts, names)
            told = duel("compare", *folders, "--metrics", "quality.fid").stdout.replace(f"{runs}/", "").splitlines()
            told = [line for line in told if "not comparable" in line]
            self.assertEqual([line for one in unlike if one["of"] == "last" for line in one["lines"]], told, names)

    def test_the_page_of_the_same_runs_is_the_same(self):
        pages = [self.folder / "first.html", self.folder / "second.html"]
        for page in pages:
            self.assertEqual(duel("compare", self.runs, "--html", page).returncode, 0)
        texts = [re.sub(r'"made":"[^"]*"', "", page.read_text()) for page in pages]
        self.assertEqual(texts[0], texts[1])


if __name__ == "__main__":
    unittest.main(verbosity=1)
