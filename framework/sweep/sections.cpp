#include "sweep/sections.hpp"

#include "sweep/definition.hpp"

namespace duel {

void SweepSection::declare(Declaration<SweepSection>& d) {
  using S = SweepSection;
  d.parameter("name", &S::name, "names the folder sweeps/NAME; the file's name if not given");
  d.parameter("description", &S::description, "what the sweep is for");
  d.parameter("experiment", &S::experiment, "experiment file that is trained").required();
  d.parameter("overrides", &S::overrides, "key=value, of the experiment in every trial");
  d.parameter("paths_from", &S::paths_from,
              "where relative paths in overrides and values start; this file's folder if not given");
  d.parameter("method", &S::method, "how points are chosen").one_of({"grid", "random", "tpe"});
  d.parameter("metric", &S::metric, "what is made small or large").required();
  d.parameter("parameters", &S::parameters, "what is varied: dotted paths and their values").required();
  d.parameter("seeds", &S::seeds, "every point is trained once with each");
  d.parameter("early_terminate", &S::early_terminate, "ends trials that do not look promising");
  d.parameter("run_cap", &S::run_cap, "most points to try").min(1).max(1e6);
  d.parameter("parallel", &S::parallel, "worker processes").min(1).max(1024);
  d.parameter("seed", &S::seed, "of the search").min(0);
  d.parameter("tpe", &S::tpe, "settings of method tpe");
  d.parameter("slurm", &S::slurm, "what jobs of a Slurm cluster ask for");
}

void SweepMetricSection::declare(Declaration<SweepMetricSection>& d) {
  using S = SweepMetricSection;
  d.parameter("name", &S::name, "of an evaluation (fid, NAME.fid) or of training").main().required();
  d.parameter("goal", &S::goal, "the metric's own better side if not given").one_of({"minimize", "maximize"});
  d.parameter("value", &S::value, "which value of a run counts").one_of({"last", "best"});
}

void EarlyTerminateSection::declare(Declaration<EarlyTerminateSection>& d) {
  using S = EarlyTerminateSection;
  d.parameter("type", &S::type, "the rule").one_of({"hyperband", "median"}).main().required();
  d.parameter("resource", &S::resource, "unit of min_iter, max_iter and interval")
      .one_of({"evaluation", "step", "epoch"});
  d.parameter("min_iter", &S::min_iter, "first comparison").above(0);
  d.parameter("max_iter", &S::max_iter, "hyperband: of a whole training; computed if not given").above(0);
  d.parameter("eta", &S::eta, "hyperband: the best 1/eta go on at each comparison").above(1);
  d.parameter("brackets", &S::brackets, "hyperband: as many as fit if not given; 1 is successive halving").min(1);
  d.parameter("min_trials", &S::min_trials, "median: trials to compare with").min(1);
  d.parameter("interval", &S::interval, "median: between two comparisons").above(0);
}

void TpeSection::declare(Declaration<TpeSection>& d) {
  using S = TpeSection;
  d.parameter("startup_trials", &S::startup_trials, "random points before the first estimate").min(1);
  d.parameter("candidates", &S::candidates, "drawn for each value, the most promising taken").min(1).max(100000);
}

void SlurmSettings::declare(Declaration<SlurmSettings>& d) {
  using S = SlurmSettings;
  d.parameter("partition", &S::partition, "of the cluster");
  d.parameter("account", &S::account, "that is charged");
  d.parameter("time", &S::time, "of a job: 01:00:00");
  d.parameter("memory", &S::memory, "of a job: 4G");
  d.parameter("cpus", &S::cpus, "of a job").min(1).max(1024);
  d.parameter("warning", &S::warning, "seconds before a job's end in which it saves and is queued again").min(1);
  d.parameter("options", &S::options, "further ones of sbatch");
}

}  // namespace duel
