"""Running a pipeline: Beam's options, Flink, Dataflow, pools of workers."""
